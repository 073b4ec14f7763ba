"""What the console's tests in a browser share: a visitor, an installation, and the ways people take."""
import base64
import hashlib
import hmac
import importlib.util
import os
import pathlib
import shutil
import struct
import sys
import time
import unittest

from browser import Browser
from console_site import PASSWORD, MailSink, Site

BINARY = sys.argv[1] if len(sys.argv) > 1 else ".build/debug/tacet"

PAGES = [
    "/", "/requests", "/explore", "/explore?days=1&by=key", "/keys", "/provider-keys", "/models", "/models?q=gpt-5",
    "/playground", "/budgets", "/credit", "/team", "/audit-log",
    "/privacy", "/settings", "/docs", "/installation", "/installation/organisations", "/installation/requests",
    "/installation/visits",
]
OPEN = ["/sign-in", "/nothing"]


def axe():
    if os.environ.get("TACET_AXE"):
        return pathlib.Path(os.environ["TACET_AXE"])
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None:
        return None
    return pathlib.Path(found.submodule_search_locations[0]) / "axe.min.js"


def one_time_code(secret, at=None):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    code = hmac.new(key, struct.pack(">Q", int((at or time.time()) // 30)), hashlib.sha1).digest()
    start = code[19] & 15
    return f"{(struct.unpack('>I', code[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Visitor(Browser):
    """A browser that fills forms by hand."""

    def element(self, selector):
        found = self.call("POST", "/element", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def has(self, selector):
        return self.run("return document.querySelector(arguments[0]) !== null", selector)

    def type(self, selector, text):
        element = self.element(selector)
        self.call("POST", f"/element/{element}/clear")
        self.call("POST", f"/element/{element}/value", {"text": text})

    def click(self, selector):
        before = self.run("return performance.timeOrigin")
        self.call("POST", f"/element/{self.element(selector)}/click")
        deadline = time.time() + 15
        while time.time() < deadline:
            now = self.run("return document.readyState === 'complete' ? performance.timeOrigin : 0")
            if now and now != before:
                return
            time.sleep(0.03)

    def text(self, selector="main"):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def path(self):
        return self.run("return location.pathname")

    def until(self, script, *arguments, seconds=10):
        deadline = time.time() + seconds
        while time.time() < deadline:
            if value := self.run(script, *arguments):
                return value
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}\n{self.text()}")

    def cookie(self):
        for cookie in self.devtools("Network.getAllCookies")["cookies"]:
            if cookie["name"] == "__Host-tacet":
                return cookie["value"]
        return None

    def width(self, pixels, height=900):
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=pixels, height=height, deviceScaleFactor=1, mobile=False
        )

    def theme(self, name):
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def scripts(self, allowed):
        self.devtools("Emulation.setScriptExecutionDisabled", value=not allowed)


def set_up(site, visitor, mail="ada@example.org"):
    visitor.open(site.set_up)
    visitor.type("#mail", mail)
    visitor.type("#name", "Ada")
    visitor.type("#organisation", "Analytical Engines")
    visitor.type("#password", PASSWORD)
    visitor.click("main form button")


def make_key(visitor, site, name="my app"):
    visitor.open(site.address + "/keys")
    visitor.run("document.querySelector('main details').open = true")
    visitor.type("#name", name)
    visitor.click("main form.stack > button")
    return visitor.text("#key").strip()


def sign_in(visitor, site, mail, password=PASSWORD):
    visitor.open(site.address + "/sign-in")
    visitor.type("#mail", mail)
    visitor.type("#password", password)
    visitor.click("main form button")


class ConsoleCase(unittest.TestCase):
    """An installation with an owner, a key, and a first request that was seen on the page."""

    @classmethod
    def setUpClass(cls):
        cls.mail = MailSink()
        cls.site = Site(BINARY, cls.mail)
        cls.visitor = Visitor(width=1280)
        begun = time.time()
        set_up(cls.site, cls.visitor)
        cls.key = make_key(cls.visitor, cls.site)
        cls.visitor.open(cls.site.address + "/requests")
        cls.visitor.until("return document.body.dataset.live === 'yes'")
        cls.first = cls.site.send(cls.key, "words-that-stay-unseen")
        cls.visitor.until("return document.getElementById(arguments[0]) !== null", cls.first)
        cls.seconds = time.time() - begun

    @classmethod
    def tearDownClass(cls):
        cls.visitor.close()
        cls.site.stop()
        cls.mail.stop()

    def stranger(self):
        visitor = Visitor(width=1100)
        self.addCleanup(visitor.close)
        return visitor


def main():
    """Runs the tests of the file that was started: FILE BINARY [TEST…]."""
    if shutil.which("chromedriver") is None:
        print("skipped: chromedriver is not installed (Debian: chromium, chromium-driver)")
        sys.exit(0)
    del sys.argv[1]
    unittest.main(verbosity=2)
