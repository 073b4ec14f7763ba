"""Alerts: told once per cause, by mail to a real SMTP server, by a signed webhook, and on the command line."""

import email
import hashlib
import hmac
import http.server
import json
import threading
import unittest

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

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

    def test_a_used_up_budget_is_told_once_by_mail_and_webhook(self):
        sink = Sink()
        mail = Controller(sink, hostname="127.0.0.1", port=tacet_process.free_port())
        mail.start()
        self.addCleanup(mail.stop)
        hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        hook.seen = []
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        self.addCleanup(hook.shutdown)
        extra = (
            "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }\n"
            "alerts:\n  budgets: [50]\n"
            f"  mail: {{ server: \"smtp://127.0.0.1:{mail.port}\", from: tacet@example.com, to: [ops@example.com] }}\n"
            f"  webhook: {{ url: \"http://127.0.0.1:{hook.server_port}/hook\", secret: env:HOOK_SECRET }}\n"
        )
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
            for signature, data in hook.seen:
                time, value = (part.split("=", 1)[1] for part in signature.split(","))
                expected = hmac.new(SECRET.encode(), f"{time}.".encode() + data, hashlib.sha256).hexdigest()
                self.assertEqual(value, expected)
                self.assertEqual(json.loads(data)["kind"], "budget")
            lines = tacet.command("alerts", "list", "--json").stdout.splitlines()
            self.assertEqual([json.loads(line)["kind"] for line in lines], ["budget"])
            self.assertEqual(len(sink.mails), 1)


if __name__ == "__main__":
    unittest.main()
