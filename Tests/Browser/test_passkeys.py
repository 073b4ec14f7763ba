#!/usr/bin/env python3
"""Passkeys in a real browser with a virtual authenticator: made, shown, a second proof, a copy, removed, switched off.

Usage: test_passkeys.py BINARY [TEST…]
"""
import http.client
import unittest
import urllib.parse

from console_case import BINARY, Visitor, main, set_up, sign_in
from console_site import Site

MAIL = "ada@example.org"


class NamedSite(Site):
    """Asked for by a name: passkeys are made for names, not for addresses in numbers."""

    @property
    def address(self):
        return f"http://localhost:{self.console}"

    def ask(self, method, path, form=None, cookie=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.console, timeout=30)
        fields = {"host": f"localhost:{self.console}", "origin": self.address, "cookie": f"__Host-tacet={cookie}"}
        connection.request(method, path, form, {**fields, "content-type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.getheader("location")


class Passkeys(unittest.TestCase):
    def setUp(self):
        self.site = NamedSite(BINARY)
        self.addCleanup(self.site.stop)
        self.visitor = Visitor(width=1100)
        self.addCleanup(self.visitor.close)
        self.device = self.visitor.call("POST", "/webauthn/authenticator", {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserConsenting": True, "isUserVerified": True,
        })
        self.site.set_up = self.site.set_up.replace("127.0.0.1", "localhost")
        set_up(self.site, self.visitor, MAIL)

    def add(self, name="my laptop"):
        self.visitor.open(self.site.address + "/settings")
        self.visitor.type("#passkey-name", name)
        self.visitor.click("form[data-passkey=create] button")

    def sign_out(self):
        self.visitor.click("form[action='/sign-out'] button")

    def begin(self):
        self.visitor.open(self.site.address + "/sign-in?then=/docs")
        self.visitor.click("button[formaction='/sign-in/passkey']")
        self.assertEqual(self.visitor.path(), "/sign-in/passkey")

    def show(self):
        self.visitor.click("form[data-passkey=get] button")

    def credentials(self):
        return self.visitor.call("GET", f"/webauthn/authenticator/{self.device}/credentials")

    def held_back(self):
        """What the page would send for a passkey, which does not go out."""
        self.visitor.run(
            "HTMLFormElement.prototype.submit = function () { window.sent = new URLSearchParams(new FormData(this)) + '' }")
        self.visitor.call("POST", f"/element/{self.visitor.element('form[data-passkey=get] button')}/click")
        return self.visitor.until("return window.sent")

    def test_a_passkey_is_made_and_opens_the_console(self):
        self.add()
        self.assertEqual(len(self.visitor.text("#codes").split()), 10, "with the first one come recovery codes")
        self.visitor.open(self.site.address + "/settings")
        self.assertIn("my laptop", self.visitor.text(".list"))
        self.visitor.type("#passkey-name", "and another")
        self.visitor.call("POST", f"/element/{self.visitor.element('form[data-passkey=create] button')}/click")
        self.visitor.until("return !document.querySelector('[data-passkey-problem]').hidden")
        self.assertIn("No passkey answered", self.visitor.text(), "one device makes one passkey for one person")
        self.visitor.open(self.site.address + "/audit-log")
        self.assertIn("added a passkey", self.visitor.text())
        for file in (self.site.folder / "data").rglob("*"):
            if file.is_file():
                self.assertNotIn(b"my laptop", file.read_bytes(), file)
        self.sign_out()
        self.begin()
        before = self.visitor.cookie()
        self.show()
        self.assertEqual(self.visitor.path(), "/docs")
        self.assertNotEqual(self.visitor.cookie(), before, "a session has an id that nobody could fix before")

    def test_it_is_the_second_proof_beside_a_password(self):
        self.add()
        codes = self.visitor.text("#codes").split()
        self.sign_out()
        sign_in(self.visitor, self.site, MAIL)
        self.assertEqual(self.visitor.path(), "/code")
        self.visitor.open(self.site.address + "/keys")
        self.assertEqual(self.visitor.path(), "/sign-in", "half a sign-in is none")
        self.visitor.open(self.site.address + "/code")
        self.show()
        self.assertEqual(self.visitor.path(), "/")
        self.sign_out()
        sign_in(self.visitor, self.site, MAIL)
        self.visitor.type("#code", codes[0])
        self.visitor.click("main form button")
        self.assertEqual(self.visitor.path(), "/", "a recovery code stands in for it")

    def test_an_answer_counts_once_and_for_who_asked(self):
        self.add()
        self.sign_out()
        self.begin()
        sent, cookie = self.held_back(), self.visitor.cookie()
        self.begin()
        other = self.visitor.cookie()
        self.assertNotEqual(cookie, other)
        self.assertEqual(self.site.ask("POST", "/sign-in/passkey/answer", sent, other)[0], 422, "of another sign-in")
        self.assertEqual(self.site.ask("POST", "/sign-in/passkey/answer", sent, "")[0], 410)
        self.assertEqual(self.site.ask("POST", "/sign-in/passkey/answer", sent, cookie), (303, "/docs"))
        self.assertEqual(self.site.ask("POST", "/sign-in/passkey/answer", sent, cookie)[0], 410, "once")
        for wrong in ("", "id=&client=&authenticator=&signature=", "id=*&client=e30&authenticator=AA&signature=AA"):
            self.begin()
            status, _ = self.site.ask("POST", "/sign-in/passkey/answer", wrong, self.visitor.cookie())
            self.assertIn(status, (400, 422), wrong)

    def test_who_is_not_known_to_the_device_stays_out(self):
        self.add()
        self.sign_out()
        self.visitor.call("POST", f"/webauthn/authenticator/{self.device}/uv", {"isUserVerified": False})
        self.begin()
        self.visitor.call("POST", f"/element/{self.visitor.element('form[data-passkey=get] button')}/click")
        self.visitor.until("return !document.querySelector('[data-passkey-problem]').hidden")
        self.assertIn("No passkey answered", self.visitor.text())

    def test_a_copy_of_the_device_is_refused(self):
        self.add()
        copied = self.credentials()[0]
        self.sign_out()
        for _ in range(2):
            self.begin()
            self.show()
            self.assertEqual(self.visitor.path(), "/docs")
            self.sign_out()
        self.visitor.call("DELETE", f"/webauthn/authenticator/{self.device}/credentials")
        self.visitor.call("POST", f"/webauthn/authenticator/{self.device}/credential", copied)
        self.begin()
        self.show()
        self.assertIn("not accepted here", self.visitor.text(".problem"))

    def test_removing_one_asks_who_it_is(self):
        self.add()
        self.site.forget_proofs()
        self.visitor.open(self.site.address + "/settings")
        self.assertFalse(self.visitor.has("form[data-passkey]"))
        self.visitor.click("main .notice a")
        self.show()
        self.assertEqual(self.visitor.path(), "/settings", "it proves again who it is")
        self.visitor.click("form[action^='/settings/passkeys/'] button.danger")
        self.assertIn("opens nothing here", self.visitor.text(".notice"))
        self.sign_out()
        self.begin()
        self.show()
        self.assertIn("not accepted here", self.visitor.text(".problem"))
        sign_in(self.visitor, self.site, MAIL)
        self.assertEqual(self.visitor.path(), "/", "with the last one goes the second step")

    def test_an_address_in_numbers_has_none(self):
        numbers = f"http://127.0.0.1:{self.site.console}"
        self.visitor.open(numbers + "/sign-in")
        self.assertFalse(self.visitor.has("button[formaction='/sign-in/passkey']"))

    def test_switched_off_there_are_none(self):
        site = NamedSite(BINARY, extra="accounts: { passkeys: off }\n")
        self.addCleanup(site.stop)
        self.visitor.open(site.address + "/sign-in")
        self.assertTrue(self.visitor.has("#password"))
        self.assertFalse(self.visitor.has("button[formaction='/sign-in/passkey']"))
        form = urllib.parse.urlencode({"then": "/"})
        self.assertEqual(site.ask("POST", "/sign-in/passkey", form, "")[0], 403)


if __name__ == "__main__":
    main()
