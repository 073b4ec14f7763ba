#!/usr/bin/env python3
"""Site analytics from outside: off unless asked for; days that are over, folded; nothing of who, nobody who objects.

Usage: test_visits.py BINARY [TEST…]
"""
import sqlite3
import unittest

from console_case import BINARY, Visitor, main, set_up
from console_site import Site

YESTERDAY = 86_400_000_000


class Visits(unittest.TestCase):
    def site(self, extra=""):
        site = Site(BINARY, extra=extra)
        self.addCleanup(site.stop)
        return site

    def stored(self, site):
        with sqlite3.connect(site.folder / "data" / "ledger.sqlite", timeout=10) as ledger:
            return ledger.execute("SELECT path, referrer, visits FROM site_visits ORDER BY 1, 2").fetchall()

    def visit(self, site, path, times, **headers):
        for _ in range(times):
            site.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def test_it_is_off_unless_asked_for(self):
        site = self.site()
        visitor = Visitor(width=1100)
        self.addCleanup(visitor.close)
        set_up(site, visitor)
        visitor.open(site.address + "/installation/visits")
        self.assertIn("Nothing is counted", visitor.text())

    def test_the_day_that_runs_is_on_no_disk(self):
        site = self.site("accounts: { analytics: daily }\n")
        self.visit(site, "/sign-in", 7, referer="https://news.example/item?id=secret-of-the-link")
        self.visit(site, "/sign-in", 7, referer="https://objects.example/", sec_gpc="1")
        self.visit(site, "/sign-in", 7, referer="https://refuses.example/", dnt="1")
        visitor = Visitor(width=1100)
        self.addCleanup(visitor.close)
        set_up(site, visitor)
        self.assertEqual(self.stored(site), [])
        for file in (site.folder / "data").rglob("*"):
            if file.is_file():
                for word in (b"news.example", b"secret-of-the-link", b"objects.example", b"refuses.example"):
                    self.assertNotIn(word, file.read_bytes(), file)
        visitor.open(site.address + "/installation/visits")
        self.assertIn("No day with visits", visitor.text())
        # A day that is over is shown: as the counter leaves it there.
        with sqlite3.connect(site.folder / "data" / "ledger.sqlite", timeout=10) as ledger:
            day = ledger.execute("SELECT max(created_at) FROM people").fetchone()[0] // YESTERDAY * YESTERDAY - YESTERDAY
            rows = [(day, "/sign-in", "news.example", 7), (day, "/audit", "", 12), (day, "other", "other", 6)]
            ledger.executemany("INSERT INTO site_visits VALUES (?, ?, ?, ?)", rows)
            with self.assertRaises(sqlite3.IntegrityError):
                ledger.execute("INSERT INTO site_visits VALUES (?, '/', '', 4)", (day,))
        visitor.open(site.address + "/installation/visits")
        text = visitor.text("table")
        for part in ("/audit", "typed or unknown", "12", "news.example", "7", "other"):
            self.assertIn(part, text)
        self.assertEqual(visitor.run("return document.cookie + Object.keys(localStorage).join()"), "")


if __name__ == "__main__":
    main()
