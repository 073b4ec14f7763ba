"""The router from outside: what it chooses, proposes, and how it is stopped."""

import json
import unittest

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

PRICE = """
pricing: { unknown: { ceiling: { input: 10, output: 50 } } }
"""
#: the dear one is asked for; the cheap one is free
ROUTER = PRICE + """
router:
  models: { mock/dear: { strength: 900 }, cheap/small: { strength: 800, lacks: [images] } }
  control: 0%
"""
SHORT = "Please say hello."
HARD = "Prove it. " * 900


def two(upstream):
    return {"mock": tacet_process.provider(upstream, price=None),
            "cheap": tacet_process.provider(upstream, price="free")}


class Routed(OutsideCase):
    price = None
    extra = ROUTER
    providers = classmethod(lambda cls: two(cls.upstream))

    def serve(self, text, model="auto", key=None, content=None):
        """(the model that was asked upstream, receipt)."""
        for name in ("dear", "small"):
            self.upstream.script(name, up.plain())
        before = len(self.upstream.asked)
        body = {"model": model, "messages": [{"role": "user", "content": content or text}]}
        answer = self.expect(self.tacet.post(body, key or self.key), 200)
        return self.upstream.asked[before].json["model"], self.tacet.receipt(answer.request_id)

    def listed(self, *command):
        return [json.loads(line) for line in self.tacet.command("router", *command, "--json").stdout.splitlines()]

    def test_auto_sends_what_is_easy_to_the_cheaper_one(self):
        asked, receipt = self.serve(SHORT)
        self.assertEqual((asked, receipt["route"], receipt["requested_model"]), ("small", "routed", "auto"))
        self.assertNotEqual(receipt["category"], "")
        asked, receipt = self.serve(HARD)
        self.assertEqual((asked, receipt["route"]), ("dear", "alias"))
        asked, _ = self.serve("", content=[{"type": "text", "text": "What is this?"},
                                           {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}])
        self.assertEqual(asked, "dear")
        self.assertIn("auto", [model["id"] for model in self.tacet.get("/v1/models", self.key).json()["data"]])

    def test_modes_by_key(self):
        asked, receipt = self.serve(SHORT, "mock/dear")
        self.assertEqual((asked, receipt["route"], receipt["category"]), ("dear", "named", "unclassified"))
        shadow = self.tacet.key("shadow", "--router", "shadow")["key"]
        asked, receipt = self.serve(SHORT, "mock/dear", shadow)
        self.assertEqual((asked, receipt["route"]), ("dear", "watched"))
        pilot = self.tacet.key("pilot", "--router", "autopilot")["key"]
        asked, receipt = self.serve(SHORT, "mock/dear", pilot)
        self.assertEqual((asked, receipt["route"], receipt["requested_model"]), ("small", "routed", "mock/dear"))
        self.assertEqual(receipt["charge_nano_usd"], 0)
        self.assertEqual(receipt["saved_by"]["routing"], receipt["baseline_nano_usd"])
        self.assertEqual(receipt["baseline_nano_usd"], 11 * 10_000 + 7 * 50_000)
        bound = self.tacet.key("bound", "--router", "autopilot", "--models", "mock/dear")["key"]
        self.assertEqual(self.serve(SHORT, "mock/dear", bound)[0], "dear")
        lines = [json.loads(line) for line in self.tacet.command("savings", "--explain", "--json").stdout.splitlines()]
        self.assertIn(receipt["id"], [line.get("id") for line in lines])

    def test_a_proposal_is_followed_once_it_is_approved(self):
        advise = self.tacet.key("advise", "--router", "advise")["key"]
        text = "Translate this sentence."
        asked, receipt = self.serve(text, "mock/dear", advise)
        self.assertEqual((asked, receipt["route"], receipt["category"]), ("dear", "watched", "translation"))
        found = [line for line in self.listed("proposals") if line["category"] == "translation"]
        self.assertEqual([(line["from"], line["to"], line["requests"]) for line in found],
                         [("mock/dear", "cheap/small", 1)])
        self.assertGreater(found[0]["saved_nano_usd"], 0)
        self.assertGreaterEqual(found[0]["saved_monthly_nano_usd"], found[0]["saved_nano_usd"])
        self.listed("approve", str(found[0]["id"]))
        self.assertEqual(self.serve(text, "mock/dear", advise)[0], "small")
        self.assertEqual(self.serve("Summarize this.", "mock/dear", advise)[0], "dear")
        self.listed("approve", str(found[0]["id"]), "--withdraw")
        self.assertEqual(self.serve(text, "mock/dear", advise)[0], "dear")
        self.assertEqual(self.tacet.command("router", "approve", "999999", check=False).returncode, 1)

    def test_a_proposal_with_evidence_asks_for_its_review(self):
        shadow = self.tacet.key("evidence", "--router", "shadow")["key"]
        for number in range(20):
            self.serve(f"Extract the names of chapter {number}.", "mock/dear", shadow)
        [proposal] = [line for line in self.listed("proposals") if line["category"] == "extraction"]

        def told():
            alerts = [json.loads(line) for line in self.tacet.command("alerts", "list", "--json").stdout.splitlines()]
            return [alert["text"] for alert in alerts
                    if alert["cause"] == f"proposal:{proposal['id']}" and alert["kind"] == "proposal"]
        self.eventually(told, within=30)
        self.assertEqual(len(told()), 1)
        self.assertIn("waits for review: it would save $", told()[0])

    def test_what_fails_is_served_by_the_requested_one(self):
        self.upstream.script("dear", up.plain())
        self.upstream.script("small", up.plain(b"{}", status=503))
        pilot = self.tacet.key("fails", "--router", "autopilot")["key"]
        answer = self.expect(self.tacet.post(tacet_process.chat("mock/dear", "Say hello again."), pilot), 200)
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual((receipt["served_model"], receipt["route"]), ("mock/dear", "fallback"))


class Controlled(OutsideCase):
    price = None
    extra = ROUTER.replace("control: 0%", "control: 50%")
    providers = classmethod(lambda cls: two(cls.upstream))

    def outcome(self, answer, word, key=None):
        return self.tacet.post(b"", key or self.key, path=f"/v1/receipts/{answer.request_id}/{word}")

    def test_outcomes_stop_what_does_harm(self):
        self.upstream.default = up.plain()
        seen = {"routed": 0, "control": 0}
        for number in range(700):
            answer = self.expect(self.tacet.post(tacet_process.chat("auto", f"Say {number}."), self.key), 200)
            arm = answer.header("x-tacet-route")
            if arm == "watched":
                break
            seen[arm] += 1
            taken = self.outcome(answer, "bad" if arm == "routed" else "good")
            self.assertEqual(taken.status, 200, taken.body)
        self.assertGreaterEqual(min(seen.values()), 50)
        self.assertEqual(self.outcome(answer, "good").status, 404)
        trial = json.loads(self.tacet.command("router", "trial", "--json").stdout)
        self.assertEqual((trial["verdict"], trial["routed_good"]), ("stopped", 0))
        self.assertEqual((trial["routed"], trial["control"]), (seen["routed"], seen["control"]))
        self.tacet.command("router", "trial", "--restart")
        routes = set()
        for number in range(40):
            answer = self.expect(self.tacet.post(tacet_process.chat("auto", f"More {number}."), self.key), 200)
            routes.add(answer.header("x-tacet-route"))
        self.assertIn("routed", routes)
        other = self.tacet.post(b"", "tct_live_none", path=f"/v1/receipts/{answer.request_id}/good")
        self.assertEqual(other.status, 401)


class Refused(unittest.TestCase):
    @unittest.skipIf(tacet_process.missing(), tacet_process.missing())
    def test_each_mistake_says_what_is_allowed(self):
        two = "models: { mock/a: { strength: 900 }, mock/b: { strength: 700 } }"
        for text, words in (
            ("router: { models: { mock/a: { strength: 900 } } }", ["router.models has 1 models", "two and more"]),
            ("router: { models: { mock/a: { strength: 900 }, mock/b: {} } }", ["`strength`", "0 to 1000"]),
            ("router: { models: { mock/a: { strength: 1 }, other/b: { strength: 2 } } }", ["`other`", "`mock`"]),
            (f"router: {{ {two}, minimum: 800, floors: {{ code: 950 }} }}",
             ["router.minimum is 800", "router.floors.code is 950", "the strongest below router.ceiling has 900"]),
            (f"router: {{ {two}, floors: {{ cod: 1 }} }}", ["did you mean `code`"]),
            (f"router: {{ {two}, weights: none.bin }}", ["router.weights", "none.bin"]),
            (f"router: {{ {two}, region: mars }}", ["router.region is `mars`"]),
            (f"router: {{ {two}, tolerance: 5 }}", ["router.tolerance is `5`", "such as 10%"]),
        ):
            tacet = tacet_process.Tacet(
                {"mock": "{ dialect: openai, base_url: http://127.0.0.1:9/v1, key: none, price: free }"}, extra=text)
            self.addCleanup(tacet.remove)
            done = tacet.command("config", "check", check=False)
            self.assertEqual(done.returncode, 2, text)
            for word in words:
                self.assertIn(word, done.stderr.decode() + done.stdout.decode())
