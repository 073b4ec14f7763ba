"""Alerts: told once per cause, by mail to a real SMTP server, by a signed webhook, and on the command line."""

import email
import hashlib
import hmac
import http.server
import json
import sqlite3
import threading
import time
import unittest

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase
from visitor import Visitor

try:
    from aiosmtpd.controller import Controller
except ImportError:
    Controller = None

SECRET = "hook-secret-0123456789"


class Sink:
    """Keeps the mails it is given."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 kept"


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.headers["x-tacet-signature"], body))
        # The first try fails: it comes again.
        self.send_response(500 if len(self.server.seen) == 1 else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


@unittest.skipUnless(Controller, "aiosmtpd is not installed (pip install aiosmtpd)")
class Alerts(OutsideCase):
    price = None

    def channels(self):
        """A mail server, a web server, and the settings that name them."""
        sink = Sink()
        mail = Controller(sink, hostname="127.0.0.1", port=tacet_process.free_port())
        mail.start()
        self.addCleanup(mail.stop)
        hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        hook.seen = []
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        self.addCleanup(hook.shutdown)
        settings = (
            f"  mail: {{ server: \"smtp://127.0.0.1:{mail.port}\", from: tacet@example.com, to: [ops@example.com] }}\n"
            f"  webhook: {{ url: \"http://127.0.0.1:{hook.server_port}/hook\", secret: env:HOOK_SECRET }}\n"
        )
        return sink, hook, settings

    def signed(self, hook):
        """The kinds that were posted, each under the secret's signature."""
        kinds = []
        for signature, data in hook.seen:
            seconds, value = (part.split("=", 1)[1] for part in signature.split(","))
            expected = hmac.new(SECRET.encode(), f"{seconds}.".encode() + data, hashlib.sha256).hexdigest()
            self.assertEqual(value, expected)
            kinds.append(json.loads(data)["kind"])
        return kinds

    def test_a_used_up_budget_is_told_once_by_mail_and_webhook(self):
        sink, hook, channels = self.channels()
        extra = "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }\nalerts:\n  budgets: [50]\n" + channels
        self.upstream.script("paid", up.plain(up.completion("x", usage=(1000, 100))))
        providers = {"mock": tacet_process.provider(self.upstream, price=None)}
        with tacet_process.Tacet(providers, extra=extra, environment={"HOOK_SECRET": SECRET}) as tacet:
            key = tacet.key("told", "--budget", "0.004", "--period", "day", "--at", "alert")["key"]
            for _ in range(3):
                body = tacet_process.chat("mock/paid", "y" * 1000, max_tokens=100)
                # An alert stops nobody.
                self.assertEqual(tacet.post(body, key).status, 200)
            self.eventually(lambda: len(sink.mails) >= 1 and len(hook.seen) >= 1 or None, within=30)
            sender, recipients, content = sink.mails[0]
            self.assertEqual((sender, recipients), ("tacet@example.com", ["ops@example.com"]))
            parsed = email.message_from_bytes(content)
            self.assertEqual(parsed["subject"], "Tacet: budget alert")
            self.assertIn("The budget of key/told per day is used by 50 %: $0.006 of $0.004.", parsed.get_payload())
            self.eventually(lambda: len(hook.seen) >= 2 or None, within=60)
            self.assertEqual(set(self.signed(hook)), {"budget"})
            lines = tacet.command("alerts", "list", "--json").stdout.splitlines()
            self.assertEqual([json.loads(line)["kind"] for line in lines], ["budget"])
            self.assertEqual(len(sink.mails), 1)

    def test_credit_that_runs_low_is_told_before_it_is_empty(self):
        sink, hook, channels = self.channels()
        extra = (
            "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }\nbilling: prepaid\n"
            "alerts:\n  balance: [0.01]\n  pace_days: 3\n" + channels
        )
        self.upstream.script("paid", up.plain(up.completion("x", usage=(1000, 100))))
        providers = {"mock": tacet_process.provider(self.upstream, price=None)}
        with tacet_process.Tacet(providers, extra=extra, environment={"HOOK_SECRET": SECRET}) as tacet:
            key = tacet.key()["key"]
            tacet.command("ledger", "grant", "--amount", "0.012", "--key", "small")
            body = tacet_process.chat("mock/paid", "y" * 1000, max_tokens=100)
            self.eventually(lambda: tacet.post(body, key).status == 200 or None)
            self.assertEqual(tacet.post(body, key).status, 200)
            # 0.008 is left and 0.004 was spent today: two days.
            self.eventually(lambda: len(sink.mails) >= 2 or None, within=40)
            texts = [email.message_from_bytes(content).get_payload() for _, _, content in sink.mails]
            self.assertTrue(any("is empty in 48 hours at this rate: $0.008 is left" in text for text in texts), texts)
            self.assertTrue(any("is below $0.01: $0.008 is left" in text for text in texts), texts)
            self.eventually(lambda: len(hook.seen) >= 3 or None, within=60)
            self.assertEqual(set(self.signed(hook)), {"balance", "pace"})
            pages = Visitor(tacet)
            self.assertIn("At this pace the credit is empty in 48 hours", pages.get("/budgets"))
            # Told once, until there is more credit.
            time.sleep(11)
            self.assertEqual(len(sink.mails), 2)
            tacet.command("ledger", "grant", "--amount", "0.001", "--key", "more")
            self.eventually(lambda: len(sink.mails) == 4 or None, within=40)

    def test_an_hour_unlike_others_is_told_once(self):
        sink, hook, channels = self.channels()
        with tacet_process.Tacet(
            self.providers(), extra="alerts:\n" + channels, environment={"HOOK_SECRET": SECRET}
        ) as tacet:
            number, calm = self.number(tacet, "odd"), self.number(tacet, "calm")
            hour = int(time.time()) // 3600 * 3600 * 1_000_000
            rows = []
            for age in range(1, 73):
                at = hour - age * 3600 * 1_000_000
                # Charge, failures and time of a hundred requests; the last whole hour is the odd one.
                wobble = age * 7919 % 1000
                usual = (200_000_000 + wobble * 10_000, age % 2, 100 * (800_000 + wobble))
                rows.append((at, calm, *usual))
                rows.append((at, number, *(usual if age > 1 else (9_000_000_000, 60, 100 * 9_000_000))))
            with sqlite3.connect(f"{tacet.data}/ledger.sqlite", timeout=30) as ledger:
                ledger.executemany(
                    "INSERT INTO usage_hours VALUES (?, 1, ?, 1, 1, 0, 100, ?, 1, 0, 1, ?, ?, 0, ?, 0, 0, 0)",
                    [(at, key, failed, charge, charge, time_) for at, key, charge, failed, time_ in rows])
            ledger.close()
            self.eventually(lambda: len(sink.mails) >= 3 and len(hook.seen) >= 4 or None, within=90)
            texts = " ".join(email.message_from_bytes(content).get_payload() for _, _, content in sink.mails)
            self.assertIn("key/odd spent $9.00 in an hour; $0.20", texts)
            self.assertIn("60 % of key/odd's requests failed in an hour; 0 % is usual", texts)
            self.assertIn("key/odd's requests took 9000 ms in an hour; 800 ms is usual", texts)
            self.assertNotIn("calm", texts)
            self.assertEqual(set(self.signed(hook)), {"spending", "errors", "latency"})
            page = Visitor(tacet).get("/budgets")
            self.assertIn("odd spent $9.00 in an hour", page)
            time.sleep(11)
            self.assertEqual((len(sink.mails), len(tacet.command("alerts", "list", "--json").stdout.splitlines())), (3, 3))

    def number(self, tacet, name):
        """The number of a new key in the ledger."""
        tacet.key(name)
        with sqlite3.connect(f"{tacet.data}/ledger.sqlite", timeout=30) as ledger:
            number = ledger.execute("SELECT id FROM gateway_keys WHERE name = ?", (name,)).fetchone()[0]
        ledger.close()
        return number


if __name__ == "__main__":
    unittest.main()
