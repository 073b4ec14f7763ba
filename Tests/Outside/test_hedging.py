"""`x-tacet-hedge`: a second deployment is asked when the first is slow; one answer, one charge, and the loser is told."""

import threading
import time

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

#: 1000 input and 100 output tokens at 1 and 10 USD a million
COST = 2_000_000
HEDGE = [("x-tacet-hedge", "200ms")]
REFUSAL = b'{"error": {"message": "no"}}'


def chat(**more):
    return tacet_process.chat("pair", "y" * 1000, max_tokens=100, **more)


class Hedging(OutsideCase):
    price = None
    extra = (
        "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }\n"
        "models: { pair: [first/one, second/two] }\n"
    )

    @classmethod
    def providers(cls):
        provider = tacet_process.provider(cls.upstream, price=None)
        return {"first": provider, "second": provider}

    def setUp(self):
        self.one(up.plain(up.completion("first", usage=(1000, 100)), before=20))
        self.two(up.plain(up.completion("second", usage=(1000, 100))))

    def one(self, script):
        self.upstream.script("one", script)

    def two(self, script):
        self.upstream.script("two", script)

    def calls(self):
        return len(self.upstream.received("one")), len(self.upstream.received("two"))

    def hedged(self, headers=HEDGE, **more):
        """The answer, how many calls each deployment had for it, and the receipt."""
        before = self.calls()
        answer = self.tacet.post(chat(**more), self.key, headers=headers)
        after = self.calls()
        receipt = self.tacet.receipt(answer.header("x-tacet-request-id"))
        return answer, tuple(b - a for a, b in zip(before, after)), receipt

    def test_the_second_serves_where_the_first_is_slow(self):
        for stream in (False, True):
            with self.subTest(stream=stream):
                if stream:
                    self.two(up.stream(up.events(["sec", "ond"], usage=(1000, 100))))
                began = time.monotonic()
                answer, calls, receipt = self.hedged(stream=stream)
                self.assertEqual((answer.status, calls), (200, (1, 1)))
                self.assertLess(time.monotonic() - began, 15)
                self.assertIn(b"ond", answer.body)
                self.assertEqual(answer.header("x-tacet-model"), "second/two")
                self.assertEqual(
                    (receipt["hedged"], receipt["route"], receipt["attempts"], receipt["deployment"]),
                    (True, "hedged", 2, "second"))
                self.assertEqual(receipt["charge_nano_usd"], COST)
                # What the first was sent: its input by our own count.
                lost = receipt["provider_cost_nano_usd"] - COST
                self.assertTrue(0 < lost < 1_100_000, lost)
                peer = self.upstream.peers["one"]
                self.eventually(lambda: peer.gone_at, message="the slower call went on")

    def test_the_first_serves_where_it_is_only_a_little_slow(self):
        self.one(up.plain(up.completion("first", usage=(1000, 100)), before=1))
        self.two(up.plain(up.completion("second", usage=(1000, 100)), before=20))
        answer, calls, receipt = self.hedged()
        self.assertEqual((answer.status, calls, answer.header("x-tacet-model")), (200, (1, 1), "first/one"))
        self.assertEqual((receipt["hedged"], receipt["route"], receipt["attempts"]), (True, "alias", 2))
        self.assertEqual(receipt["charge_nano_usd"], COST)
        self.assertGreater(receipt["provider_cost_nano_usd"], COST)
        peer = self.upstream.peers["two"]
        self.eventually(lambda: peer.gone_at, message="the slower call went on")

    def test_a_quick_first_is_alone(self):
        self.one(up.plain(up.completion("first", usage=(1000, 100))))
        answer, calls, receipt = self.hedged([("x-tacet-hedge", "30s")])
        self.assertEqual((answer.status, calls), (200, (1, 0)))
        self.assertEqual((receipt["hedged"], receipt["attempts"]), (False, 1))
        self.assertEqual(receipt["provider_cost_nano_usd"], COST)

    def test_without_the_header_nobody_else_is_asked(self):
        self.one(up.plain(up.completion("first", usage=(1000, 100)), before=0.6))
        answer, calls, receipt = self.hedged([])
        self.assertEqual((answer.status, calls, receipt["hedged"]), (200, (1, 0), False))

    def test_where_one_fails_the_other_is_waited_for(self):
        good = up.plain(up.completion("good", usage=(1000, 100)), before=1.2)
        bad = [up.plain(REFUSAL, status=503, before=0.7), up.raw(b"", then="reset", wait=0.7)]
        for failing in bad:
            for name, slow, other in (("second", self.two, self.one), ("first", self.one, self.two)):
                with self.subTest(serves=name, failing=failing):
                    slow(good)
                    other(failing)
                    answer, calls, receipt = self.hedged()
                    self.assertEqual((answer.status, calls), (200, (1, 1)), answer.body)
                    self.assertEqual((receipt["deployment"], receipt["attempts"]), (name, 2))
                    self.assertEqual(receipt["charge_nano_usd"], receipt["provider_cost_nano_usd"])

    def test_where_both_fail_the_client_is_told(self):
        for script in (self.one, self.two):
            script(up.plain(REFUSAL, status=503, before=0.6))
        answer, calls, receipt = self.hedged()
        self.assertEqual((answer.status, calls, receipt["charge_nano_usd"]), (503, (1, 1), 0))

    def test_a_delay_that_is_none_is_refused(self):
        for value in ("yes", "0ms", "61s", "1", "1m", "-1s", "99999999ms"):
            with self.subTest(value):
                answer = self.tacet.post(chat(), self.key, headers=[("x-tacet-hedge", value)])
                self.expect(answer, 400, "unknown_hedge")

    def test_a_client_that_goes_ends_both(self):
        before = self.calls()
        self.two(up.plain(up.completion("second"), before=20))
        connection = self.tacet.connect()
        thread = threading.Thread(
            target=lambda: self.assertRaises(
                Exception, self.tacet.post, chat(), self.key, headers=HEDGE, connection=connection))
        thread.start()
        self.eventually(lambda: self.calls() == (before[0] + 1, before[1] + 1))
        connection.socket.shutdown(2)
        thread.join()
        for model in ("one", "two"):
            peer = self.upstream.peers[model]
            self.eventually(lambda: peer.gone_at, message=f"{model} went on")
