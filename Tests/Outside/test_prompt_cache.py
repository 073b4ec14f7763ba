"""What is done for the provider's own prompt cache, as somebody sees it from outside."""

import json

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

LONG = "a rule that holds in every turn " * 400
MARK = {"type": "ephemeral"}
ANSWER = json.dumps({
    "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "pong"}], "usage": {"input_tokens": 5, "output_tokens": 2},
}).encode()


class Breakpoints(OutsideCase):
    @classmethod
    def providers(cls):
        base = f"http://127.0.0.1:{cls.upstream.port}"
        return {"mock": f"{{ dialect: anthropic, base_url: {base}, key: env:MOCK_KEY, price: free }}"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marks = cls.tacet.key("marks", "--prompt-cache", "auto")["key"]

    def send(self, key, body, path="/v1/messages"):
        self.upstream.default = up.plain(ANSWER)
        before = len(self.upstream.asked)
        self.expect(self.tacet.post({"model": "mock/m", "max_tokens": 5, **body}, key, path=path), 200)
        return self.upstream.asked[before].json

    def test_the_ends_of_what_stays_are_marked_when_asked(self):
        body = {"system": LONG, "tools": [{"name": "look", "description": LONG, "input_schema": {"type": "object"}}],
                "messages": [{"role": "user", "content": "one"}]}
        plain = self.send(self.key, body)
        self.assertNotIn("cache_control", json.dumps(plain))
        sent = self.send(self.marks, body)
        self.assertEqual(sent["system"], [{"type": "text", "text": LONG, "cache_control": MARK}])
        self.assertEqual(sent["tools"][-1]["cache_control"], MARK)
        self.assertEqual(sent["messages"][-1]["content"][-1], {"type": "text", "text": "one", "cache_control": MARK})

    def test_what_a_client_marks_goes_on_as_it_came(self):
        body = {"system": [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
                "messages": [{"role": "user", "content": "one"}]}
        for key in (self.key, self.marks):
            sent = self.send(key, body)
            self.assertEqual((sent["system"], sent["messages"]), (body["system"], body["messages"]))

    def test_a_translated_request_is_marked_too(self):
        sent = self.send(self.marks, {"messages": [{"role": "system", "content": LONG},
                                                   {"role": "user", "content": "one"}]}, "/v1/chat/completions")
        self.assertIn("cache_control", json.dumps(sent["system"]))

    def test_no_mark_moves_a_prefix(self):
        def without(value):
            if isinstance(value, dict):
                value = {name: without(item) for name, item in value.items() if name != "cache_control"}
                if isinstance(value.get("content"), str):
                    value["content"] = [{"type": "text", "text": value["content"]}]
                return value
            return [without(item) for item in value] if isinstance(value, list) else value

        turns, last = [], []
        for turn in range(24):
            turns.append({"role": "user", "content": f"Turn {turn}. {LONG[:900]}"})
            sent = self.send(self.marks, {"system": LONG, "messages": turns})
            self.assertLessEqual(json.dumps(sent).count('"cache_control"'), 4)
            messages = without(sent["messages"])
            self.assertEqual(messages[: len(last)], last)
            last = messages
            turns.append({"role": "assistant", "content": [{"type": "text", "text": "pong"}]})

    def test_a_client_that_breaks_its_own_prefix_is_told_what_moved(self):
        key = self.tacet.key("mover", "--prompt-cache", "auto")["key"]
        first = {"role": "user", "content": "Count the marbles."}
        tools = [{"name": name, "input_schema": {"type": "object"}} for name in ("a", "b")]
        self.send(key, {"system": "Monday", "tools": tools, "messages": [first]})
        self.send(key, {"system": "Monday", "tools": tools[::-1], "messages": [first]})
        self.send(key, {"system": "Tuesday", "tools": tools[::-1], "messages": [first]})
        self.send(key, {"system": "Tuesday", "tools": tools[::-1], "messages": [first, first, first]})
        self.send(key, {"system": "Tuesday", "tools": tools[::-1], "messages": [first]})
        line = json.loads(self.tacet.command("savings", "--json").stdout.splitlines()[-1])
        found = {(item["name"], item["moved"]): item["requests"] for item in line["prefix_breaks"]}
        self.assertEqual({name: count for name, count in found.items() if name[0] == "mover"},
                         {("mover", "tool_order"): 1, ("mover", "system"): 1, ("mover", "shortened"): 1})
        said = self.tacet.command("savings").stdout.decode()
        self.assertIn("Key `mover`: 1 requests lost the provider's prompt cache, because system changed", said)
        self.assertNotIn("Tuesday", said)
        self.assertNotIn(tacet_process.PROVIDER_KEY, said)
