"""Prices of an operator's own, and what a provider's words about usage may do to a bill, seen from outside."""

import datetime
import json
import pathlib
import unittest

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

HEAD = "tacet-prices 1 20261121\nsource own https://example.test/contract our contract\n"
# Micro-USD a token: 1 in, 10 out; half at flex, double at priority.
LINE = "price mock {model} {dates} own max=4096 in=1000000 out=10000000 @flex x=500000 @priority x=2000000\n"
MODELS = ["plain", "flexible", "urgent", "absurd", "negative", "shrinking", "fraction", "words"]
CONTRACT = HEAD + "".join(LINE.format(model=model, dates="0") for model in MODELS)


class Case(OutsideCase):
    price = None

    def contract(self, text):
        file = pathlib.Path(self.tacet.folder, "contract.txt")
        file.write_text(text)
        return str(file)

    def charge(self, model, **more):
        answer = self.tacet.post(tacet_process.chat(f"mock/{model}", max_tokens=100, **more), self.key)
        self.assertEqual(answer.status, 200, answer.body[:300])
        return self.tacet.receipt(answer.request_id)


class OwnPrices(Case):
    def test_what_is_imported_holds_at_once(self):
        self.upstream.script("plain", up.plain(up.completion("x", usage=(1000, 100))))
        refused = self.tacet.post(tacet_process.chat("mock/plain"), self.key)
        self.expect(refused, 404, "model_not_priced")
        file = self.contract(CONTRACT)
        new = self.tacet.command("prices", "diff", file).stdout.decode()
        self.assertIn("+ mock/plain", new)
        self.assertIn(f"{len(MODELS)} new, 0 changed, 0 same.", new)
        done = json.loads(self.tacet.command("prices", "import", file, "--json").stdout)
        self.assertEqual((done["imported"], done["reloaded"]), (len(MODELS), 1))
        receipt = self.charge("plain")
        self.assertEqual((receipt["charge_nano_usd"], receipt["service_level"]), (2_000_000, "standard"))
        self.assertEqual(receipt["price_book"], 20261121)
        shown = json.loads(self.tacet.command("prices", "show", "mock/plain", "--json").stdout)
        self.assertEqual(shown["levels"]["flex"]["pico_usd"], {"input": 500_000, "output": 5_000_000})
        self.assertEqual(shown["dataset"], "our contract")
        dearer = self.contract(CONTRACT.replace("in=1000000", "in=3000000"))
        text = self.tacet.command("prices", "diff", dearer).stdout.decode()
        self.assertIn("~ mock/plain", text)
        self.assertIn("in  1000000 → 3000000", text)

    def test_of_two_prices_the_one_of_the_day_holds(self):
        self.upstream.script("dated", up.plain(up.completion("x", usage=(1000, 100))))
        today = datetime.datetime.now(datetime.timezone.utc).date()
        day, next_day = f"{today:%Y%m%d}", f"{today + datetime.timedelta(days=1):%Y%m%d}"
        # A price's last day is the one before the day behind the dash.
        terms = [(f"0-{day}", 5_000_000), (f"{day}-{next_day}", 3_000_000), (next_day, 7_000_000)]
        text = HEAD + "".join(f"price mock dated {when} own in={price}\n" for when, price in terms)
        self.tacet.command("prices", "import", self.contract(text))
        self.assertEqual(self.charge("dated")["charge_nano_usd"], 3_000_000)
        self.tacet.command("prices", "import", self.contract(HEAD + f"price mock dated {next_day} own in=1\n"))
        refused = self.tacet.post(tacet_process.chat("mock/dated"), self.key)
        self.expect(refused, 404, "model_not_priced")
        # One that begins later ends the one before.
        later = self.contract(HEAD + f"price mock dated 0 own in=1000000\nprice mock dated {day} own in=2000000\n")
        self.tacet.command("prices", "import", later)
        self.assertEqual(self.charge("dated")["charge_nano_usd"], 2_000_000)
        twice = f"price mock dated {day}-{next_day} own in=1\nprice mock dated 0-{next_day} own in=2\n"
        self.assertEqual(self.tacet.command("prices", "check", self.contract(HEAD + twice), check=False).returncode, 2)

    def test_mistakes_are_told_with_their_line_and_nothing_is_taken(self):
        for line, told in [
            ("price mock twice 0 own in=1\nprice mock twice 0 own in=2\n", ":4: the model has another price"),
            ("price mock odd 0 own in=3 @batch x=500000\n", ":3: a price times its factor"),
            ("price mock less 0 own in=-1\n", ":3: a number is not"),
            ("price mock none 0 own\n", ":3: there is no price"),
            ("price mock open 20270101-20260101 own in=1\n", ":3: a day is not"),
        ]:
            file = self.contract(HEAD + line)
            for verb in ("check", "import", "diff"):
                done = self.tacet.command("prices", verb, file, check=False)
                self.assertEqual(done.returncode, 2, verb)
                self.assertIn(told, done.stderr.decode())
        free = self.tacet.command("prices", "check", self.contract(HEAD + "price mock gift 0 own in=0 out=0\n"))
        self.assertIn("mock/gift costs nothing", free.stdout.decode())
        whole = json.loads(self.tacet.command("prices", "check", "--json").stdout)
        self.assertGreater(whole["prices"], 2000)


class Reported(Case):
    """What the provider says it used and served at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        file = pathlib.Path(cls.tacet.folder, "contract.txt")
        file.write_text(CONTRACT)
        cls.tacet.command("prices", "import", str(file))
        cls.budgeted = cls.tacet.key("budgeted", "--budget", "1")["key"]

    def script(self, model, usage, **more):
        body = json.loads(up.completion("x"))
        body["usage"] = usage
        body.update(more)
        self.upstream.script(model, up.plain(json.dumps(body).encode()))

    def test_the_level_that_was_served_is_paid(self):
        usage = {"prompt_tokens": 1000, "completion_tokens": 100}
        self.script("flexible", usage, service_tier="flex")
        receipt = self.charge("flexible", service_tier="flex")
        self.assertEqual((receipt["charge_nano_usd"], receipt["service_level"]), (1_000_000, "flex"))
        self.script("urgent", usage, service_tier="priority")
        receipt = self.charge("urgent", service_tier="priority")
        self.assertEqual((receipt["charge_nano_usd"], receipt["service_level"]), (4_000_000, "priority"))
        # Asked for flex and refused it: the standard price, as the answer says.
        self.script("flexible", usage, service_tier="default")
        self.assertEqual(self.charge("flexible", service_tier="flex")["charge_nano_usd"], 2_000_000)
        twice = self.tacet.post(
            b'{"model":"mock/plain","messages":[],"service_tier":"flex","service_tier":"priority"}', self.key)
        self.expect(twice, 400, "duplicate_member")

    def test_a_hold_covers_the_level_that_is_asked_for(self):
        self.script("urgent", {"prompt_tokens": 100, "completion_tokens": 100}, service_tier="priority")
        key = self.tacet.key("narrow", "--budget", "0.002")["key"]
        body = tacet_process.chat("mock/urgent", "y" * 100, max_tokens=100)
        self.assertEqual(self.tacet.post({**body, "service_tier": "default"}, key).status, 200)
        key = self.tacet.key("narrower", "--budget", "0.002")["key"]
        # Bytes at 2 and 100 tokens at 20 micro-USD: above 0.002.
        self.expect(self.tacet.post({**body, "service_tier": "priority"}, key), 402, "budget_exhausted")

    def test_absurd_usage_is_charged_up_to_the_hold(self):
        for model, usage in [
            ("absurd", {"prompt_tokens": 10**30, "completion_tokens": 2**63}),
            ("absurd", {"prompt_tokens": 2**62, "completion_tokens": 2**62, "total_tokens": -5}),
        ]:
            self.script(model, usage)
            answer = self.tacet.post(tacet_process.chat(f"mock/{model}", max_tokens=100), self.budgeted)
            self.assertEqual(answer.status, 200)
            receipt = self.tacet.receipt(answer.request_id)
            self.assertTrue(receipt["over_hold"])
            self.assertLess(receipt["charge_nano_usd"], 2_000_000)

    def test_negative_and_unreadable_usage_gives_nothing_back(self):
        self.script("negative", {"prompt_tokens": -1000, "completion_tokens": -5})
        receipt = self.charge("negative")
        self.assertEqual((receipt["charge_nano_usd"], receipt["tokens"]["input"]), (0, 0))
        self.script("fraction", {"prompt_tokens": 10.9, "completion_tokens": "7"})
        self.assertEqual(self.charge("fraction")["charge_nano_usd"], 80_000)
        for usage in ({"prompt_tokens": "many"}, [], "none", None, {"prompt_tokens": {"a": 1}}):
            self.script("words", usage)
            receipt = self.charge("words")
            self.assertTrue(receipt["estimated"], usage)
            self.assertGreater(receipt["charge_nano_usd"], 0)

    def test_usage_that_shrinks_in_a_stream_takes_nothing_back(self):
        def usage(prompt, completion):
            chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
                     "usage": {"prompt_tokens": prompt, "completion_tokens": completion}}  # fmt: skip
            return b"data: " + json.dumps(chunk).encode() + b"\n\n"

        pieces = up.events(["a", "b"], done=False) + [usage(1000, 100), usage(10, 1), b"data: [DONE]\n\n"]
        self.upstream.script("shrinking", up.stream(pieces))
        receipt = self.charge("shrinking", stream=True)
        self.assertEqual(receipt["charge_nano_usd"], 2_000_000)


if __name__ == "__main__":
    unittest.main()
