#!/usr/bin/env python3
"""The console in a real browser: from the set-up link to the first request seen live, roles, mail codes, the second
factor, hostile words, accessibility, every page without a script and at every width.

Usage: test_console.py BINARY [TEST…]
TACET_PICTURES names a folder for pictures of every page; TACET_SHARED adds the strings of corpora/blns. axe-core is taken
from the Python package axe-playwright-python, where that is installed (TACET_AXE names another file).
"""
import base64
import hashlib
import hmac
import importlib.util
import json
import os
import pathlib
import re
import shutil
import struct
import sys
import time
import unittest
import urllib.parse

from browser import Browser
from console_site import PASSWORD, MailSink, Site

PAGES = [
    "/", "/requests", "/explore", "/explore?days=1&by=key", "/keys", "/provider-keys", "/models", "/models?q=gpt-5",
    "/playground", "/budgets", "/credit", "/team", "/audit-log",
    "/privacy", "/settings", "/docs", "/installation", "/installation/organisations", "/installation/requests",
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
    visitor.run("document.querySelector('details').open = true")
    visitor.type("#name", name)
    visitor.click("main form.stack > button")
    return visitor.text("#key").strip()


def sign_in(visitor, site, mail, password=PASSWORD):
    visitor.open(site.address + "/sign-in")
    visitor.type("#mail", mail)
    visitor.type("#password", password)
    visitor.click("main form button")


class Console(unittest.TestCase):
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

    # The way in.

    def test_from_the_link_to_the_first_request_in_a_minute(self):
        self.assertLess(self.seconds, 60)
        self.assertRegex(self.key, r"^tct_live_[A-Za-z0-9]{38}$")
        print(f"\n  set-up to the first request on the page: {self.seconds:.1f} s")
        self.visitor.open(self.site.address + "/requests")
        self.assertIn("sandbox/echo", self.visitor.text("table"))
        self.assertNotIn("words-that-stay-unseen", self.visitor.run("return document.documentElement.outerHTML"))

    def test_the_set_up_link_works_once(self):
        status, _, text = self.site.ask("GET", urllib.parse.urlsplit(self.site.set_up).path)
        self.assertEqual(status, 410, text)

    def test_pages_are_small(self):
        for path in PAGES:
            status, fields, text = self.site.ask("GET", path, cookie=self.visitor.cookie())
            self.assertEqual(status, 200, path)
            self.assertLess(len(text.encode()), 100 * 1024, path)
        total = sum(
            len(self.site.ask("GET", path, cookie=self.visitor.cookie())[2].encode())
            for path in ("/", "/style.css", "/theme.js", "/console.js")
        )
        print(f"\n  the first page with all it loads: {total / 1024:.0f} KiB")
        self.assertLess(total, 100 * 1024)

    def test_a_mailed_code(self):
        count = len(self.mail.mails)
        visitor = self.stranger()
        visitor.open(self.site.address + "/sign-in?then=/docs")
        visitor.type("#mail", "ada@example.org")
        visitor.click("button.second")
        before = visitor.cookie()
        mail = self.mail.wait(count + 1)
        self.assertEqual(mail["to"], "ada@example.org")
        code = re.search(r"\b[0-9]{8}\b", mail.get_content())[0]
        self.assertNotIn(code, mail["subject"])
        visitor.type("#code", "00000000" if code != "00000000" else "11111111")
        visitor.click("main form button")
        self.assertIn("4 tries are left", visitor.text())
        visitor.type("#code", code)
        visitor.click("main form button")
        self.assertEqual(visitor.path(), "/docs")
        self.assertNotEqual(visitor.cookie(), before, "a session has an id that nobody could fix before")
        again = self.stranger()
        again.open(self.site.address + "/code")
        self.assertEqual(again.path(), "/sign-in")

    def test_an_unknown_address_gets_the_same_answer(self):
        count = len(self.mail.mails)
        answers = []
        for mail in ("nobody@example.org", "ada@example.org"):
            form = urllib.parse.urlencode({"mail": mail, "then": "/"})
            status, fields, _ = self.site.ask("POST", "/sign-in/code", form)
            answers.append((status, fields["location"], "__Host-tacet=" in fields["set-cookie"]))
        self.assertEqual(answers[0], answers[1])
        self.mail.wait(count + 1)
        time.sleep(0.6)
        self.assertEqual(len(self.mail.mails), count + 1)

    def test_a_mail_server_that_is_down(self):
        self.mail.stop()
        visitor = self.stranger()
        visitor.open(self.site.address + "/sign-in")
        visitor.type("#mail", "ada@example.org")
        visitor.click("button.second")
        deadline = time.time() + 10
        while "does not answer" not in visitor.text() and time.time() < deadline:
            time.sleep(0.5)
            visitor.open(self.site.address + "/code")
        self.assertIn("does not answer", visitor.text())
        count = len(self.mail.mails)
        self.mail.start()
        code = re.search(r"\b[0-9]{8}\b", self.mail.wait(count + 1, seconds=30).get_content())[0]
        visitor.type("#code", code)
        visitor.click("main form button")
        self.assertEqual(visitor.path(), "/")

    def test_the_second_factor(self):
        people = Site(BINARY)
        self.addCleanup(people.stop)
        visitor = self.stranger()
        set_up(people, visitor)
        visitor.open(people.address + "/settings")
        secret = visitor.text(".factor code").replace(" ", "")
        visitor.type("#code", one_time_code(secret))
        visitor.click(".factor form button")
        codes = visitor.text("#codes").split()
        self.assertEqual(len(codes), 10)
        other = self.stranger()
        sign_in(other, people, "ada@example.org")
        self.assertEqual(other.path(), "/code")
        other.open(people.address + "/keys")
        self.assertEqual(other.path(), "/sign-in", "half a sign-in is none")
        other.open(people.address + "/code")
        other.type("#code", codes[0].lower())
        other.click("main form button")
        self.assertEqual(other.path(), "/")
        # Signed out everywhere else, the first one is out.
        other.open(people.address + "/settings")
        other.click("form[action='/settings/sessions/others'] button")
        visitor.open(people.address + "/keys")
        self.assertEqual(visitor.path(), "/sign-in")

    # Roles and members.

    def test_an_invited_viewer_sees_numbers_and_changes_nothing(self):
        count = len(self.mail.mails)
        self.visitor.open(self.site.address + "/team")
        self.visitor.type("#mail", "grace@example.org")
        self.visitor.run("document.querySelector('#role').value = 'viewer'")
        self.visitor.click("form[action='/team/invitations'] button")
        link = self.visitor.text("#link").strip()
        self.assertIn(link, self.mail.wait(count + 1).get_content())
        grace = self.stranger()
        grace.open(link)
        grace.type("#password", PASSWORD)
        grace.click("main form button")
        self.assertIn("member", grace.text(".notice"))
        self.assertEqual(self.site.ask("GET", urllib.parse.urlsplit(link).path)[0], 410, "once")
        grace.open(self.site.address + "/keys")
        self.assertFalse(grace.has("main form"))
        for path in ("/team", "/audit-log", "/credit"):
            self.assertEqual(self.site.ask("GET", path, cookie=grace.cookie())[0], 403, path)
        # Removed while signed in: out with the next click.
        self.visitor.open(self.site.address + "/team")
        member = self.visitor.run(
            "return [...document.querySelectorAll('tr')].find(r => r.innerText.includes('grace@'))"
            ".querySelector('form[action$=remove]').action"
        )
        self.visitor.click(f"form[action='{urllib.parse.urlsplit(member).path}'] button")
        self.assertIn("signed out", self.visitor.text(".notice"))
        grace.open(self.site.address + "/keys")
        self.assertEqual(grace.path(), "/sign-in")

    # Once, and by one of two.

    def test_two_tabs_and_twice_the_same_form(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        cookie = visitor.cookie()
        token = visitor.run("return document.querySelector('input[name=token]').value")

        def send(path, **form):
            return self.site.ask("POST", path, urllib.parse.urlencode({**form, "token": token}), cookie=cookie)

        self.assertEqual(send("/keys", name="twice")[0], 200)
        status, _, text = send("/keys", name="twice")
        self.assertEqual(status, 422)
        self.assertIn("There is a live key of this name", text)
        visitor.open(self.site.address + "/keys")
        revoke = visitor.run(
            "return [...document.querySelectorAll('tr')].find(r => r.innerText.includes('twice'))"
            ".querySelector('form').getAttribute('action')"
        )
        self.assertEqual([send(revoke)[0], send(revoke)[0]], [303, 404])
        budget = {"owner": "organisation", "period": "week", "amount": "3", "action": "alert"}
        self.assertEqual([send("/budgets", **budget)[0] for _ in range(2)], [303, 303])
        remove = "/budgets/organisation/week/remove"
        self.assertEqual([send(remove)[0], send(remove)[0]], [303, 404])
        # One tab proves who it is, which is a fresh session: the other's form is too old, and says so.
        visitor.open(self.site.address + "/confirm")
        visitor.type("#proof", PASSWORD)
        visitor.click("main form button")
        self.assertEqual(send("/keys", name="from the other tab")[0], 303, "to the door: the old cookie is over")
        status, _, text = self.site.ask(
            "POST", "/keys", urllib.parse.urlencode({"name": "x", "token": token}), cookie=visitor.cookie())
        self.assertEqual(status, 403)
        self.assertIn("too old", text)

    def test_names_are_no_formulas_in_exports(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        key = make_key(visitor, self.site, "=HYPERLINK(1)")
        self.site.send(key)
        _, fields, text = self.site.ask("GET", "/explore.csv?days=1&by=key", cookie=visitor.cookie())
        self.assertIn("attachment", fields["content-disposition"])
        self.assertIn("\n'=HYPERLINK(1),", text.replace("\r", ""))

    # Another address, and letters that wait.

    def test_another_address_is_confirmed_at_both(self):
        mail = MailSink()
        self.addCleanup(mail.stop)
        site = Site(BINARY, mail)
        self.addCleanup(site.stop)
        visitor = self.stranger()
        set_up(site, visitor)
        visitor.open(site.address + "/settings")
        visitor.type("#mail", "ada@new.example")
        visitor.click("form[action='/settings/mail'] button")
        self.assertEqual(visitor.path(), "/settings/mail")
        mail.wait(2)
        codes = {one["to"]: re.search(r"\b[0-9]{8}\b", one.get_content())[0] for one in mail.mails}
        self.assertEqual(set(codes), {"ada@example.org", "ada@new.example"})
        visitor.type("#old_code", codes["ada@new.example"])
        visitor.type("#new_code", codes["ada@example.org"])
        visitor.click("main form button")
        self.assertIn("4 tries are left", visitor.text())
        visitor.type("#old_code", codes["ada@example.org"])
        visitor.type("#new_code", codes["ada@new.example"])
        visitor.click("main form button")
        self.assertIn("address is changed", visitor.text(".notice"))
        self.assertIn("ada@new.example", visitor.text(".who"))
        other = self.stranger()
        sign_in(other, site, "ada@example.org")
        self.assertEqual(other.path(), "/sign-in")
        sign_in(other, site, "ada@new.example")
        self.assertEqual(other.path(), "/")

    def test_an_invitation_waits_for_the_mail_server_over_a_restart(self):
        mail = MailSink()
        site = Site(BINARY, mail)
        self.addCleanup(site.stop)
        visitor = self.stranger()
        set_up(site, visitor)
        mail.stop()
        visitor.open(site.address + "/team")
        visitor.type("#mail", "grace@example.org")
        visitor.click("form[action='/team/invitations'] button")
        link = visitor.text("#link").strip()
        deadline = time.time() + 10
        while "waits for the mail server" not in visitor.text() and time.time() < deadline:
            time.sleep(0.5)
            visitor.open(site.address + "/team")
        self.assertIn("waits for the mail server", visitor.text())
        visitor.open(site.address + "/installation")
        self.assertIn("One letter waits", visitor.text())
        for file in (site.folder / "data").rglob("*"):
            if file.is_file():
                self.assertNotIn(b"grace@example.org", file.read_bytes(), file)
        site.restart()
        mail.start()
        self.addCleanup(mail.stop)
        self.assertIn(link, mail.wait(1, seconds=30).get_content())
        visitor.open(site.address + "/installation")
        self.assertIn("0 letters wait", visitor.text())

    # Provider keys and the playground.

    def test_provider_keys_go_in_and_never_come_back(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        page = self.site.address + "/provider-keys"
        for key in ("sk-first-of-the-test-abcd", "sk-second-of-the-test-wxyz"):
            visitor.open(page)
            visitor.type("#key", key)
            visitor.click("main form.stack button")
            self.assertIn("sealed", visitor.text(".notice"))
            self.assertIn("…" + key[-4:], visitor.text("table"))
            self.assertNotIn(key, visitor.run("return document.documentElement.outerHTML"))
        self.assertNotIn("abcd", visitor.text("table"), "the new one takes the place of the former")
        for file in (self.site.folder / "data").rglob("*"):
            if file.is_file():
                self.assertNotIn(b"of-the-test", file.read_bytes(), file)
        visitor.type("#key", "two words")
        visitor.click("main form.stack button")
        self.assertIn("without spaces", visitor.text(".problem"))
        self.assertNotIn("two words", visitor.run("return document.documentElement.outerHTML"))
        visitor.click("form[action='/provider-keys/openai/delete'] button")
        self.assertFalse(visitor.has("main table"))

    def test_provider_keys_ask_again_who_it_is(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        self.site.forget_proofs()
        visitor.open(self.site.address + "/provider-keys")
        self.assertFalse(visitor.has("#key"))
        token = visitor.run("return document.querySelector('input[name=token]').value")
        form = urllib.parse.urlencode({"provider": "openai", "key": "sk-nobody-proved-this", "token": token})
        status, fields, _ = self.site.ask("POST", "/provider-keys", form, cookie=visitor.cookie())
        self.assertEqual((status, fields["location"]), (303, "/confirm?then=%2Fprovider-keys"))
        visitor.click("main .notice a")
        visitor.type("#proof", PASSWORD)
        visitor.click("main form button")
        self.assertEqual(visitor.path(), "/provider-keys")
        self.assertTrue(visitor.has("#key"))

    def test_the_playground_asks_the_api_alone(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        visitor.open(self.site.address + "/playground?model=sandbox/echo")
        visitor.requests()
        visitor.type("#key", self.key)
        visitor.type("#model", "sandbox/echo")
        visitor.type("#words", "spoken-to-nobody-else <b>bold</b>")
        visitor.call("POST", f"/element/{visitor.element('form.talk button')}/click")
        visitor.until("return document.querySelector('.theirs .hint')?.textContent.includes('sandbox/echo')")
        self.assertIn("spoken-to-nobody-else <b>bold</b>", visitor.text(".theirs p"))
        self.assertFalse(visitor.has(".said b"))
        asked = {urllib.parse.urlsplit(url).netloc for url in visitor.requests()}
        self.assertEqual(asked, {f"127.0.0.1:{self.site.api}"}, "nothing of it comes by the console")
        self.assertEqual(visitor.run("return Object.keys(localStorage).length + Object.keys(sessionStorage).length"), 0)
        # A second question goes with what was said before.
        visitor.type("#words", "again")
        visitor.call("POST", f"/element/{visitor.element('form.talk button')}/click")
        visitor.until("return document.querySelectorAll('.theirs .hint').length === 2")
        visitor.type("#key", "tct_live_no-such-key")
        visitor.type("#words", "third")
        visitor.call("POST", f"/element/{visitor.element('form.talk button')}/click")
        visitor.until("return document.querySelector('.theirs.problem .hint')?.textContent.includes('key')")
        self.assertEqual(visitor.run("return document.querySelector('#words').value"), "third")
        # Another page may not: neither its rules nor the API's let it.
        visitor.open(self.site.address + "/keys")
        answer = visitor.run_async(
            "const done = arguments[1]; fetch(arguments[0]).then(() => done('read'), () => done('refused'));",
            f"http://127.0.0.1:{self.site.api}/v1/models")
        self.assertEqual(answer, "refused")
        visitor.open(self.site.address + "/playground")
        self.assertEqual(visitor.run("return document.querySelector('#key').value"), "")

    # Forms of others.

    def test_forms_of_other_pages_are_refused(self):
        cookie = self.visitor.cookie()
        token = self.visitor.run("return document.querySelector('input[name=token]').value")
        form = urllib.parse.urlencode({"name": "forged", "token": token})
        for headers in (
            {"origin": "https://evil.example"}, {"origin": None}, {"origin": "null"},
            {"sec-fetch-site": "cross-site"}, {"origin": None, "sec-fetch-site": "same-site"},
        ):
            self.assertEqual(self.site.ask("POST", "/keys", form, headers, cookie)[0], 403, headers)
        for wrong in ("", "AAAAAAAAAAAAAAAAAAAAAA", token[:-1]):
            form = urllib.parse.urlencode({"name": "forged", "token": wrong})
            self.assertEqual(self.site.ask("POST", "/keys", form, cookie=cookie)[0], 403, wrong)
        _, _, text = self.site.ask("GET", "/keys", cookie=cookie)
        self.assertNotIn("forged", text)
        self.assertEqual(self.site.ask("GET", "/keys", headers={"host": "evil.example"}, cookie=cookie)[0], 421)

    def test_answers_forbid_frames_scripts_and_copies(self):
        for path in ("/", "/sign-in"):
            _, fields, _ = self.site.ask("GET", path, cookie=self.visitor.cookie())
            policy = fields["content-security-policy"]
            for part in (
                "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
                "require-trusted-types-for 'script'",
            ):
                self.assertIn(part, policy)
            self.assertEqual(fields["cache-control"], "no-store")
            self.assertEqual(fields["x-content-type-options"], "nosniff")
            self.assertEqual(fields["referrer-policy"], "same-origin")

    def test_links_lead_nowhere_else(self):
        for then in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
            form = urllib.parse.urlencode({"mail": "ada@example.org", "password": PASSWORD, "then": then})
            status, fields, _ = self.site.ask("POST", "/sign-in", form)
            self.assertEqual((status, fields["location"]), (303, "/"), then)
            cookie = fields["set-cookie"]
            for part in ("__Host-tacet=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"):
                self.assertIn(part, cookie)

    def test_signing_out_clears_the_browser(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        cookie = visitor.cookie()
        visitor.click("form[action='/sign-out'] button")
        self.assertIn("signed out", visitor.text())
        self.assertIsNone(visitor.cookie())
        self.assertEqual(self.site.ask("GET", "/keys", cookie=cookie)[0], 303, "the old cookie is dead")

    # Hostile words.

    def test_words_of_the_naughty_list_stay_words(self):
        shared = os.environ.get("TACET_SHARED")
        if not shared:
            self.skipTest("TACET_SHARED is not set: there is no list")
        words = json.loads((pathlib.Path(shared) / "corpora/blns/blns.json").read_text())
        words += ["x" * 5000, "\u202eright to left", "=1+1", "🏴‍☠️" * 30]
        cookie, taken = self.visitor.cookie(), 0
        token = self.visitor.run("return document.querySelector('input[name=token]').value")
        for word in words:
            form = urllib.parse.urlencode({"name": word, "token": token})
            status, _, text = self.site.ask("POST", "/keys", form, cookie=cookie)
            self.assertIn(status, (200, 400, 422), repr(word))
            taken += status == 200
            form = urllib.parse.urlencode({"mail": word, "password": word, "then": word})
            self.assertIn(self.site.ask("POST", "/sign-in", form)[0], (303, 400, 422, 429), repr(word))
        self.assertGreater(taken, 100)
        for path in ("/keys", "/budgets", "/requests", "/explore"):
            self.visitor.open(self.site.address + path)
            self.assertFalse(self.visitor.has("main script, main img, main iframe, main svg[onload]"), path)
        errors = [line for line in self.visitor.log("browser") if line["level"] == "SEVERE"]
        self.assertEqual([line["message"] for line in errors if "/nothing" not in line["message"]], [])

    # Without a script, by keyboard, small.

    def test_everything_works_without_a_script(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        visitor.scripts(False)
        self.addCleanup(visitor.scripts, True)
        visitor.open(self.site.address + "/keys")
        element = visitor.element("details > summary")
        visitor.call("POST", f"/element/{element}/click")
        visitor.type("#name", "without a script")
        visitor.call("POST", f"/element/{visitor.element('main form.stack > button')}/click")
        time.sleep(1)
        text = visitor.call("GET", f"/element/{visitor.element('#key')}/text")
        self.assertRegex(text, r"^tct_live_")

    def test_no_page_is_wider_than_a_phone(self):
        visitor = self.visitor
        self.addCleanup(visitor.devtools, "Emulation.clearDeviceMetricsOverride")
        german = Visitor(language="de")
        self.addCleanup(german.close)
        sign_in(german, self.site, "ada@example.org")
        for one, width in ((visitor, 320), (visitor, 640), (visitor, 1280), (german, 320)):
            one.width(width)
            for path in PAGES + OPEN:
                one.open(self.site.address + path)
                wide = one.run("return document.documentElement.scrollWidth")
                self.assertLessEqual(wide, width, f"{path} at {width}")
                self.assertEqual(one.run("return document.documentElement.lang"), "de" if one is german else "en")

    def test_the_keyboard_reaches_everything(self):
        for path in PAGES:
            self.visitor.open(self.site.address + path)
            missing = self.visitor.run(
                "return [...document.querySelectorAll('a[href], button:not([hidden]), input:not([type=hidden]):not([hidden])"
                ", select, summary')].filter(e => e.tabIndex < 0 && !e.closest('details:not([open])')).length"
            )
            self.assertEqual(missing, 0, path)

    def test_axe_finds_nothing(self):
        source = axe()
        if source is None or not source.exists():
            self.skipTest("axe-core is not installed (pip install axe-playwright-python)")
        script = source.read_text()
        visitor = self.visitor
        visitor.devtools("Page.setBypassCSP", enabled=True)
        self.addCleanup(visitor.devtools, "Page.setBypassCSP", enabled=False)
        self.addCleanup(visitor.theme, "light")
        found = []
        for theme in ("light", "dark"):
            visitor.theme(theme)
            for path in PAGES + OPEN:
                visitor.open(self.site.address + path)
                visitor.run("document.querySelectorAll('details').forEach(d => d.open = true)")
                visitor.run(script)
                result = visitor.run_async(
                    "const done = arguments[arguments.length - 1];"
                    "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
                    " 'best-practice']}).then(r => done(r.violations.map(v => [v.id, v.nodes.length,"
                    " v.nodes[0].html.slice(0, 160), v.nodes[0].failureSummary])), e => done([[String(e)]]))"
                )
                found += [(theme, path, *violation) for violation in result]
        self.assertEqual(found, [], "\n".join(map(str, found)))

    def test_the_theme_stays_without_a_flash(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        visitor.theme("light")
        visitor.open(self.site.address + "/docs")
        light = visitor.run("return getComputedStyle(document.body).backgroundColor")
        visitor.run("document.querySelector('[data-theme-switch]').click()")
        dark = visitor.run("return getComputedStyle(document.body).backgroundColor")
        self.assertNotEqual(light, dark)
        visitor.open(self.site.address + "/keys")
        self.assertEqual(visitor.run("return getComputedStyle(document.body).backgroundColor"), dark)
        self.assertEqual(visitor.run("return Object.keys(localStorage).join()"), "theme")

    def test_it_speaks_the_languages_of_the_browser(self):
        for language, title in (("de", "Anmelden"), ("fr", "Se connecter"), ("ja", "サインイン"), ("xx", "Sign in")):
            _, _, text = self.site.ask("GET", "/sign-in", headers={"accept-language": f"{language};q=1"})
            self.assertIn(f"<h1>{title}</h1>", text)

    def test_pictures(self):
        folder = os.environ.get("TACET_PICTURES")
        if not folder:
            self.skipTest("TACET_PICTURES is not set")
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.site.fill()
        for _ in range(5):
            self.site.send(self.key)
        time.sleep(1)
        self.addCleanup(self.visitor.theme, "light")
        for theme in ("light", "dark"):
            self.visitor.theme(theme)
            for width in (1280, 360):
                for path in PAGES + OPEN:
                    self.visitor.width(width)
                    self.visitor.open(self.site.address + path)
                    name = re.sub(r"\W+", "-", path.strip("/")) or "overview"
                    self.visitor.picture(folder / f"{name}-{theme}-{width}.png", width)


if __name__ == "__main__":
    if shutil.which("chromedriver") is None:
        print("skipped: chromedriver is not installed (Debian: chromium, chromium-driver)")
        sys.exit(0)
    BINARY = sys.argv.pop(1)
    unittest.main(verbosity=2)
