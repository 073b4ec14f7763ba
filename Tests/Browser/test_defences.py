#!/usr/bin/env python3
"""The console against pages of others and hostile words. TACET_SHARED adds the strings of corpora/blns.

Usage: test_defences.py BINARY [TEST…]
"""
import json
import os
import pathlib
import urllib.parse

from console_case import ConsoleCase, main


class Defences(ConsoleCase):
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

    # Hostile words.

    def test_words_of_the_naughty_list_stay_words(self):
        shared = os.environ.get("TACET_SHARED")
        if not shared:
            self.skipTest("TACET_SHARED is not set: there is no list")
        words = json.loads((pathlib.Path(shared) / "corpora/blns/blns.json").read_text())
        words += ["x" * 5000, "\u202eright to left", "=1+1", "🏴‍☠️" * 30]
        cookie, taken = self.visitor.cookie(), 0
        token = self.visitor.run("return document.querySelector('input[name=token]').value")
        for index, word in enumerate(words):
            value, path = urllib.parse.quote_plus(word), urllib.parse.quote(word[:200], safe="")
            others = [
                f"/playground?model={value}", f"/explore?key={value}&by={value}&days={value}", f"/requests?key={value}",
                f"/sign-in?then={value}", f"/keys?done={value}", f"/requests/{path}",
            ]
            for page in (f"/models?q={value}", others[index % len(others)]):
                status, fields, text = self.site.ask("GET", page, cookie=cookie)
                self.assertIn(status, (200, 303, 400, 404, 414), page)
                self.assertIn(fields.get("location", "/"), ("/", "/sign-in"), page)
                if "<" in word:
                    self.assertNotIn(word, text, page)
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


if __name__ == "__main__":
    main()
