"""Budgets and rates of every owner, at each action and in each dialect: what is refused, what is said and what is told."""

import json
import threading

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

# 1000 input and 100 output tokens at 1 and 10 USD a million.
COST = 2_000_000
CEILING = "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }\nmodels: { cheap: [mock/cheap] }\n"
WORDS = {
    "key": "of this API key",
    "member": "of the member whose API key this is",
    "organisation": "of this organisation, all its API keys together",
    "provider": "for this model's provider",
    "installation": "of this gateway as a whole",
}


def chat(model, **more):
    return tacet_process.chat(f"mock/{model}", "y" * 1000, max_tokens=100, **more)


class Owners(OutsideCase):
    price = None
    limits = "queue: 0"
    extra = CEILING
    made = 0

    def setUp(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=(1000, 100))))
        self.upstream.script("cheap", up.plain(up.completion("x", usage=(10, 1))))

    def owners(self):
        """Each kind of owner, as commands name it, and a key of its own."""
        for number, kind in enumerate(WORDS, 1):
            Owners.made += 1
            name = f"{kind}-{Owners.made}"
            key = self.tacet.key(name, "--member", str(number))["key"]
            owner = {"key": f"key/{name}", "member": f"member/{number}", "provider": "provider/mock"}.get(kind, kind)
            yield kind, owner, key

    def budget(self, owner, beyond, *more):
        """A budget of so much beyond what its owner has spent today."""
        spent = 0
        for amount in (1000, None):
            dollars = f"{amount or (spent + beyond) / 1e9:.9f}"
            done = self.tacet.command(
                "budgets", "set", owner, "--amount", dollars, "--period", "day", "--json", *more)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            own = [line for line in lines if line.get("period") == "day" and line["limit_nano_usd"]]
            self.assertEqual(len(own), 1, "one budget at a time")
            # What was served a moment ago is on its way to the ledger.
            self.tacet.receipts()
            spent = own[0]["spent_nano_usd"]

    def until(self, status, model, key):
        """Budgets reach the server within a second."""
        return self.eventually(lambda: (lambda a: a if a.status == status else None)(self.tacet.post(chat(model), key)))

    def test_a_budget_blocks_whoever_it_is_of(self):
        for kind, owner, key in self.owners():
            with self.subTest(kind):
                self.budget(owner, COST)
                answer = self.expect(self.until(402, "paid", key), 402, "budget_exhausted")
                text = answer.json()["error"]["message"]
                self.assertIn(f"The budget {WORDS[kind]} does not cover", text)
                self.assertRegex(text, r"\$0\.\d+ is left\. Ask for fewer output tokens\. It begins anew in \d+ seconds")
                if kind != "provider":
                    line = json.loads(self.tacet.get("/v1/balance", key).body)["budgets"][0]
                    self.assertEqual((line["owner"], line["period"], line["at"]), (kind, "day", "block"))
                    self.assertRegex(line["resets_at"], r"^\d{4}-\d\d-\d\dT00:00:00Z$")
                self.tacet.command("budgets", "remove", owner, "--period", "day")
                self.until(200, "paid", key)

    def test_a_budget_sends_elsewhere_whoever_it_is_of(self):
        for kind, owner, key in self.owners():
            with self.subTest(kind):
                self.budget(owner, COST, "--at", "downgrade", "--to", "cheap")

                def downgraded():
                    answer = self.tacet.post(chat("paid"), key)
                    self.assertEqual(answer.status, 200, answer.body)
                    return answer if answer.header("x-tacet-model") == "mock/cheap" else None

                self.assertEqual(self.eventually(downgraded).header("x-tacet-route"), "budget")
                self.tacet.command("budgets", "remove", owner, "--period", "day")
                self.eventually(lambda: downgraded() is None or None)

    def test_a_budget_only_tells_whoever_it_is_of(self):
        for kind, owner, key in self.owners():
            with self.subTest(kind):
                self.budget(owner, COST // 2, "--at", "alert")
                for _ in range(2):
                    self.assertEqual(self.tacet.post(chat("paid"), key).status, 200)

                def told():
                    lines = map(json.loads, self.tacet.command("alerts", "list", "--json").stdout.splitlines())
                    return [line for line in lines if line["cause"].startswith(f"budget:{list(WORDS).index(kind) + 1}:")]

                alerts = self.eventually(told, within=30)
                self.assertEqual({line["kind"] for line in alerts}, {"budget"})
                self.tacet.command("budgets", "remove", owner, "--period", "day")

    def test_rates_hold_for_every_owner(self):
        self.upstream.script("hang", up.plain(up.completion("x", usage=(1000, 100)), before=1.5))
        for kind, owner, key in self.owners():
            with self.subTest(kind):
                self.tacet.command("budgets", "limit", owner, "--rpm", "0")
                answer = self.expect(self.until(429, "paid", key), 429, "rate_limit_exceeded")
                said = answer.json()["error"]["message"]
                self.assertIn(f"Too many requests {WORDS[kind]}: at most 0 a minute", said)
                self.assertEqual(answer.header("x-ratelimit-remaining-requests"), "0")
                self.assertTrue(answer.header("retry-after"))
                self.tacet.command("budgets", "limit", owner, "--in-flight", "1")
                self.until(200, "paid", key)
                before = len(self.upstream.received("hang"))
                first = threading.Thread(target=lambda: self.tacet.post(chat("hang"), key))
                first.start()
                self.eventually(lambda: len(self.upstream.received("hang")) > before or None)
                answer = self.expect(self.tacet.post(chat("paid"), key), 429, "too_many_in_flight")
                self.assertIn(WORDS[kind], answer.json()["error"]["message"])
                first.join()
                self.assertEqual(self.tacet.post(chat("paid"), key).status, 200)
                # Nothing set removes it.
                self.tacet.command("budgets", "limit", owner)


class Dialects(OutsideCase):
    price = None
    extra = CEILING
    MESSAGES = [{"role": "user", "content": "x" * 100}]
    ASKS = {
        "chat": ("/v1/chat/completions", {"model": "mock/paid", "messages": MESSAGES}),
        "responses": ("/v1/responses", {"model": "mock/paid", "input": "x" * 100}),
        "messages": ("/v1/messages", {"model": "mock/paid", "max_tokens": 10, "messages": MESSAGES}),
        "gemini": (
            "/v1beta/models/mock/paid:generateContent", {"contents": [{"role": "user", "parts": [{"text": "x" * 100}]}]}),
    }

    def setUp(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=(100, 10))))

    def error(self, dialect, answer, status, code):
        """The error as this dialect has it."""
        self.assertEqual(answer.status, status, answer.body)
        value = answer.json()
        if dialect == "messages":
            self.assertEqual(value["type"], "error")
        if dialect == "gemini":
            self.assertEqual(value["error"]["code"], status)
            self.assertEqual(value["error"]["details"][0]["reason"], code.upper())
        else:
            self.assertEqual(value["error"]["code"], code)
        return value["error"]["message"]

    def test_money_and_rates_are_refused_in_each_dialect(self):
        poor = self.tacet.key("poor", "--budget", "0", "--period", "week")["key"]
        for dialect, (path, body) in self.ASKS.items():
            with self.subTest(dialect):
                answer = self.tacet.post(body, poor, path=path)
                self.assertIn("of this API key", self.error(dialect, answer, 402, "budget_exhausted"))
                fast = self.tacet.key(f"fast-{dialect}", "--rpm", "1", "--tpm", "100000")["key"]
                self.assertEqual(self.tacet.post(body, fast, path=path).status, 200)
                answer = self.tacet.post(body, fast, path=path)
                said = self.error(dialect, answer, 429, "rate_limit_exceeded")
                self.assertRegex(said, r"at most 1 a minute are allowed\. Try again in \d+ seconds?\.")
                self.assertTrue(answer.header("retry-after"))
                prefix, other = ("anthropic-ratelimit-requests-", "x-ratelimit-limit-requests")
                names = [prefix + "limit", prefix + "remaining", prefix + "reset"]
                if dialect != "messages":
                    other = names[0]
                    names = [f"x-ratelimit-{part}-requests" for part in ("limit", "remaining", "reset")]
                self.assertEqual([answer.header(name) for name in names[:2]], ["1", "0"])
                self.assertTrue(answer.header(names[2]))
                self.assertFalse(answer.header(other))
                self.assertTrue(answer.header(names[0].replace("requests", "tokens")))
                rates = json.loads(self.tacet.get("/v1/balance", fast).body)["rates"]
                self.assertEqual((rates["requests_per_minute"]["limit"], rates["requests_per_minute"]["left"]), (1, 0))

    def test_a_stream_that_passes_its_hold_ends_with_a_clean_error(self):
        # A provider that goes on long after the limit it was told.
        self.upstream.script("endless", up.stream(up.events(["many words "] * 1500), gap=0.001))
        key = self.tacet.key("stream", "--budget", "0.003")["key"]
        body = tacet_process.chat("mock/endless", "x", max_tokens=20, stream=True)
        answer = self.tacet.post(body, key)
        self.assertEqual(answer.status, 200, answer.body)
        last = answer.body.decode().rstrip().split("\n\n")[-1]
        error = json.loads(last.removeprefix("data: "))["error"]
        self.assertEqual(error["code"], "budget_exhausted")
        self.assertIn("The budget of this API key is used up, so the answer ends here.", error["message"])
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual((receipt["completion"], receipt["error"]), ("cut", "budget_exhausted"))
        self.assertLessEqual(receipt["charge_nano_usd"], 3_000_000)
        self.assertGreater(receipt["charge_nano_usd"], 1_000_000)
