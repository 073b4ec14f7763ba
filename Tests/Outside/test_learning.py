"""Outcomes that an operator feeds back, from outside: what they teach, what is refused, and that it can be undone."""

import json
import unittest

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase
from test_router import PRICE, two

MODELS = "models: { mock/dear: { strength: 900 }, cheap/small: { strength: 450 } }"


class Learned(OutsideCase):
    price = None
    extra = f"profile: aura{PRICE}router: {{ {MODELS}, control: 0%, tolerance: 25%, learn: on }}\n"
    providers = classmethod(lambda cls: two(cls.upstream))

    def serve(self, text):
        """(the model that was asked upstream, the request's id)."""
        before = len(self.upstream.asked)
        answer = self.expect(self.tacet.post(tacet_process.chat("auto", text), self.key), 200)
        return self.upstream.asked[before].json["model"], answer.request_id

    def tell(self, rows, check=True):
        given = "".join(json.dumps(row) + "\n" for row in rows).encode()
        return self.tacet.command("router", "outcomes", "-", "--json", given=given, check=check)

    def learned(self):
        return [json.loads(line) for line in self.tacet.command("router", "learned", "--json").stdout.splitlines()]

    def test_outcomes_teach_which_prompts_need_the_stronger_model(self):
        self.upstream.default = up.plain()
        rows = []
        for number in range(80):
            for text, is_good in ((f"Prove theorem {number} about triangles", False),
                                  (f"Greet guest {number} with kindness", True)):
                asked, id = self.serve(text)
                if asked == "small":
                    rows.append({"id": id, "good": is_good})
        self.assertEqual(len(rows), 160, "nothing may change before outcomes are told")
        refused = self.tell([rows[0] | {"prompt": "what was asked"}], check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn(b"`id` and `good`", refused.stderr)
        self.assertEqual(self.learned(), [])
        one = self.tacet.post(b"", self.key, path=f"/v1/receipts/{rows[0]['id']}/bad")
        self.assertEqual(one.status, 200, one.body)
        self.assertEqual(json.loads(self.tell(rows).stdout), {"taken": 159, "unknown": 1})
        [line] = self.learned()
        self.assertEqual((line["outcomes"], line["applied"]), (160, True))
        self.assertLess(line["error_learned"], line["error_alone"])
        self.assertGreater(line["features_kept"], 0)
        self.assertLess(line["features_kept"], line["features"], "most numbers are of two requests")
        self.assertEqual(self.serve("Prove theorem 99 about triangles")[0], "dear")
        self.assertEqual(self.serve("Greet guest 99 with kindness")[0], "small")
        # What has requests enough is still known after a restart.
        self.tacet.stop()
        self.tacet.start()
        self.assertEqual(self.learned()[0]["features"], line["features_kept"])
        self.assertEqual(self.serve("Prove theorem 99 about triangles")[0], "dear")
        self.tacet.command("router", "learned", "--forget")
        self.assertEqual(self.learned(), [])
        self.assertEqual(self.serve("Prove theorem 99 about triangles")[0], "small")
        self.tacet.stop()
        self.tacet.start()
        self.assertEqual(self.learned(), [])
        acts = self.tacet.command("audit-log", "list", "--json").stdout
        self.assertIn(b"learning_forget", acts)


class NotLearned(OutsideCase):
    """A profile that allows it does not learn unless the router is told to."""
    price = None
    extra = f"profile: aura{PRICE}router: {{ {MODELS}, control: 0% }}\n"
    providers = classmethod(lambda cls: two(cls.upstream))

    def test_it_is_off_until_asked_for(self):
        self.upstream.default = up.plain()
        answer = self.expect(self.tacet.post(tacet_process.chat("auto", "Write it."), self.key), 200)
        self.assertEqual(answer.header("x-tacet-route"), "routed")
        taken = self.tacet.post(b"", self.key, path=f"/v1/receipts/{answer.request_id}/bad")
        self.assertEqual(taken.status, 200, taken.body)
        self.assertEqual(self.tacet.command("router", "learned", "--json").stdout, b"")


class Forbidden(unittest.TestCase):
    @unittest.skipIf(tacet_process.missing(), tacet_process.missing())
    def test_profiles_that_do_not_learn_refuse_it(self):
        for profile in ("strict", "aurex", "aurixel", "auxen"):
            tacet = tacet_process.Tacet(
                {"mock": "{ dialect: openai, base_url: http://127.0.0.1:9/v1, key: none, price: free }"},
                extra=f"profile: {profile}\nrouter: {{ {MODELS.replace('cheap/', 'mock/')}, learn: on }}\n")
            self.addCleanup(tacet.remove)
            done = tacet.command("config", "check", check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("outcome_learning", done.stderr.decode() + done.stdout.decode())
