"""`Idempotency-Key` over restarts and crashes: never a second charge, and nothing of key or body on the disk."""

import pathlib
import threading

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

KEY = "order-7f3e1d-plainly-readable"
TEXT = "the words of the body, plainly readable"


def chat(model="paid", text=TEXT, **more):
    return tacet_process.chat(f"mock/{model}", text, max_tokens=100, **more)


class OverRestarts(OutsideCase):
    price = None
    may_end = True
    extra = "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }\n"

    def setUp(self):
        self.upstream.script("paid", up.plain(up.completion("paid for", usage=(1000, 100))))

    def send(self, name, body=None, key=None):
        return self.tacet.post(body or chat(), key or self.key, headers=[("Idempotency-Key", name)])

    def restart(self, kills):
        if kills:
            self.tacet.kill()
        else:
            self.assertEqual(self.tacet.stop(), 0)
        self.tacet.start()

    def charged(self):
        return len([receipt for receipt in self.tacet.receipts() if receipt["charge_nano_usd"]])

    def test_what_was_charged_is_not_charged_again(self):
        earlier = self.charged()
        for kills in (False, True):
            name = f"{KEY}-{kills}"
            with self.subTest(kills=kills):
                first = self.send(name)
                self.assertEqual(first.status, 200)
                self.assertEqual(self.send(name).body, first.body)
                self.restart(kills)
                before = len(self.upstream.asked)
                for body in (None, chat(text="another body")):
                    gone = self.expect(self.send(name, body), 409, "idempotency_answer_gone")
                    self.assertIn(first.header("x-tacet-request-id"), gone.json()["error"]["message"])
                self.assertEqual(len(self.upstream.asked), before)
                # Another gateway key has its own.
                other = self.tacet.key(f"other-{kills}")["key"]
                self.assertEqual(self.send(name, key=other).status, 200)
        self.assertEqual(self.charged() - earlier, 4)

    def test_what_came_to_nothing_may_be_sent_again(self):
        self.upstream.script("fails", up.plain(b'{"error": {"message": "no"}}', status=503))
        self.assertEqual(self.send("failed", chat("fails")).status, 503)
        self.restart(kills=False)
        self.upstream.script("fails", up.plain(up.completion("now", usage=(10, 1))))
        self.assertEqual(self.send("failed", chat("fails")).status, 200)
        self.restart(kills=True)
        self.expect(self.send("failed", chat("fails")), 409, "idempotency_answer_gone")

    def test_a_call_that_a_crash_cut_is_charged_once(self):
        self.upstream.script("hangs", up.plain(up.completion("late"), before=60))
        self.upstream.script(
            "flows", up.stream(up.events([f"word {number} " for number in range(400)]), gap=0.05))
        for model, stream, outcome in (("hangs", False, 200), ("flows", True, 409)):
            with self.subTest(model):
                body = chat(model, stream=stream)
                threading.Thread(target=self.swallow, args=(model, body), daemon=True).start()
                self.eventually(lambda: self.upstream.received(model))
                if stream:
                    # Of what had come, the journal has a progress record a second.
                    self.eventually(lambda: self.progress(), within=20)
                self.restart(kills=True)
                self.upstream.script(model, up.plain(up.completion("again", usage=(10, 1))))
                answer = self.send(model, body)
                self.assertEqual(answer.status, outcome, answer.body)
                if outcome == 409:
                    self.assertEqual(answer.json()["error"]["code"], "idempotency_answer_gone")

    def swallow(self, name, body):
        try:
            self.send(name, body)
        except Exception:
            pass

    def progress(self):
        """Whether a record of kind 2 stands in a segment."""
        for path in pathlib.Path(self.tacet.data).glob("nodes/*/journal/*.seg"):
            data = path.read_bytes()
            at = 64
            while at + 24 <= len(data):
                length, kind = int.from_bytes(data[at:at + 4], "little"), int.from_bytes(data[at + 4:at + 8], "little")
                if length == 0:
                    break
                if kind == 2:
                    return True
                at += (length + 24 + 7) & ~7
        return False

    def test_neither_key_nor_body_stands_on_the_disk(self):
        self.assertEqual(self.send(KEY).status, 200)
        self.restart(kills=True)
        self.expect(self.send(KEY), 409)
        found = []
        for path in pathlib.Path(self.tacet.data).rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                found += [path.name for word in (KEY, TEXT) if word.encode() in data]
        self.assertEqual(found, [])
