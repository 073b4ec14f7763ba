#!/usr/bin/env python3
"""People in a real browser: mailed codes, the second factor, roles, another address, letters that wait.

Usage: test_people.py BINARY [TEST…]
"""
import re
import time
import urllib.parse

from console_case import BINARY, ConsoleCase, main, one_time_code, set_up, sign_in
from console_site import PASSWORD, MailSink, Site


class People(ConsoleCase):
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

    # Out again.

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


if __name__ == "__main__":
    main()
