#!/usr/bin/env python3
"""The console in a real browser: from the set-up link to the first request seen live, keys, the playground.

Usage: test_console.py BINARY [TEST…]
"""
import sqlite3
import time
import urllib.parse

from console_case import PAGES, ConsoleCase, main, make_key, sign_in
from console_site import PASSWORD, ledger_file


class Console(ConsoleCase):
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

    def test_a_talk_that_is_stopped_stops(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        visitor.open(self.site.address + "/playground?model=sandbox/slow")
        visitor.type("#key", self.key)
        visitor.type("#words", "many words " * 40)
        visitor.call("POST", f"/element/{visitor.element('form.talk button')}/click")
        visitor.until("return document.querySelector('.theirs p')?.textContent.length > 5")
        visitor.call("POST", f"/element/{visitor.element('[data-stop]')}/click")
        visitor.until("return document.querySelector('.theirs .hint')?.textContent.includes('Stopped')")
        said = visitor.text(".theirs p")
        self.assertLess(len(said), 440, "it was not over yet")
        self.assertFalse(visitor.run("return document.querySelector('form.talk button').disabled"))
        visitor.open(self.site.address + "/requests")
        visitor.until("return document.querySelector('table').innerText.includes('sandbox/slow')")
        self.assertIn("client", visitor.text("table"), "the receipt says who ended it")

    def test_a_request_of_rights_is_entered_and_answered(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        visitor.open(self.site.address + "/installation/requests")
        visitor.click("main form.stack button")
        self.assertEqual(visitor.run("return document.querySelectorAll('main tbody tr').length"), 1)
        visitor.click("main tbody form button")
        self.assertFalse(visitor.has("main tbody form"), "it is answered")
        visitor.open(self.site.address + "/audit-log")
        self.assertIn("request", visitor.text("table"))

    def test_what_is_too_much_for_a_table_is_one_row(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        with sqlite3.connect(self.site.folder / "data" / "ledger.sqlite", timeout=10) as ledger:
            today = int(time.time()) // 86_400 * 86_400_000_000
            for number in range(70):
                ledger.execute("INSERT INTO models VALUES (?, ?)", (5000 + number, f"many-{number}"))
                ledger.execute(
                    "INSERT INTO usage_days VALUES (?, 1, 900, ?, 0, 0, 10, 0, 100, 0, 50, ?, ?, 0, 1000, 0, 0, 0)",
                    (today - 86_400_000_000, 5000 + number, 1_000_000 * (70 - number), 1_000_000 * (70 - number)))
            ledger_file.sum_days(ledger)
        visitor.open(self.site.address + "/explore?by=model&days=7")
        rows = visitor.run("return [...document.querySelectorAll('main > .wide-table tbody tr')].map(r => r.innerText)")
        self.assertEqual(len(rows), 50)
        self.assertRegex(rows[-1], r"^2\d more, each in the file")
        _, _, text = self.site.ask("GET", "/explore.csv?by=model&days=7", cookie=visitor.cookie())
        self.assertEqual(text.count("many-"), 70)

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


if __name__ == "__main__":
    main()
