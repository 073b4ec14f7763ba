"""Two organisations on one gateway and one provider key: what a provider keeps for one is unknown to the other, at every
route that takes or shows an id, also after a restart (RULES.md 8)."""

import json

import tacet_process
from test_passed import BOUNDARY, PassedCase, form, of

TAG = r"\.[A-Za-z0-9_-]{22}$"
ANTHROPIC = ("anthropic-version", "2023-06-01")
RESPONSE = {
    "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": [],
    "conversation": {"id": "conv_1"}, "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
}  # fmt: skip


class TwoOrganisations(PassedCase):
    @classmethod
    def providers(cls):
        at = f"http://127.0.0.1:{cls.upstream.port}"
        return {
            "openai": f"{{ base_url: {at}/v1, key: env:MOCK_KEY, price: free }}",
            "anthropic": f"{{ base_url: {at}, key: env:MOCK_KEY, price: free }}",
        }

    def setUp(self):
        super().setUp()
        self.other = self.tacet.key("theirs", "--organisation", "2")["key"]
        self.addCleanup(self.tacet.command, "keys", "revoke", "theirs")
        batch = {"id": "batch_1", "object": "batch", "input_file_id": "file-1", "output_file_id": "file-2"}
        messages = {"id": "msgbatch_1", "type": "message_batch", "results_url": "https://api.anthropic.com/v1/x/results"}
        file = of({"id": "file-1", "object": "file", "bytes": 1})
        self.routes = {
            "/v1/files": file, "/v1/files/file-1": file, "/v1/files/file-1/content": of({}),
            "/v1/files/file-2/content": of({}), "/v1/batches": of(batch), "/v1/batches/batch_1": of(batch),
            "/v1/batches/batch_1/cancel": of(batch), "/v1/messages/batches": of(messages),
            "/v1/messages/batches/msgbatch_1": of(messages), "/v1/messages/batches/msgbatch_1/cancel": of(messages),
            "/v1/messages/batches/msgbatch_1/results": of({}), "/v1/responses": of(RESPONSE),
            "/v1/responses/resp_1": of(RESPONSE), "/v1/responses/resp_1/cancel": of(RESPONSE),
            "/v1/responses/resp_1/input_items": of({"object": "list", "data": []}),
            "/v1/chat/completions": of({"id": "c", "object": "chat.completion", "model": "m", "choices": [
                {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}]}),
            "/v1/messages": of({"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
                                "content": [{"type": "text", "text": "x"}], "usage": {"input_tokens": 1, "output_tokens": 1}}),
        }  # fmt: skip

    def upload(self, key, *headers):
        kind = ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        body = form([("purpose", "batch"), ("file", "{}", "a.jsonl")])
        return self.send("/v1/files", body, headers=[kind, *headers], key=key)

    def everything(self, key):
        """One of each kind of object, made with a key: ids by kind."""
        ids = {"file": self.upload(key), "document": self.upload(key, ANTHROPIC)}
        ids = {kind: self.expect(answer, 200).json()["id"] for kind, answer in ids.items()}
        job = {"input_file_id": ids["file"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        batch = self.expect(self.send("/v1/batches", job, key=key), 200).json()
        params = {"model": "anthropic/claude", "max_tokens": 5, "messages": []}
        messages = {"requests": [{"custom_id": "1", "params": params}]}
        stored = self.send("/v1/responses", {"model": "openai/m", "input": "x", "store": True}, key=key)
        stored = self.expect(stored, 200).json()
        ids |= {
            "batch": batch["id"], "output": batch["output_file_id"], "response": stored["id"],
            "conversation": stored["conversation"]["id"],
            "messages": self.expect(self.send("/v1/messages/batches", messages, key=key), 200).json()["id"],
        }  # fmt: skip
        for name in ids.values():
            self.assertRegex(name, TAG)
        return ids

    @staticmethod
    def uses(ids):
        """Every request that names an object: (method, path, headers, body)."""
        turn = lambda *parts: [{"role": "user", "content": list(parts)}]  # noqa: E731
        paths = [
            ("GET", f"/v1/files/{ids['file']}"), ("GET", f"/v1/files/{ids['file']}/content"),
            ("GET", f"/v1/files/{ids['output']}/content"), ("DELETE", f"/v1/files/{ids['file']}"),
            ("GET", f"/v1/batches/{ids['batch']}"), ("POST", f"/v1/batches/{ids['batch']}/cancel"),
            ("GET", f"/v1/messages/batches/{ids['messages']}"),
            ("POST", f"/v1/messages/batches/{ids['messages']}/cancel"),
            ("GET", f"/v1/messages/batches/{ids['messages']}/results"),
            ("DELETE", f"/v1/messages/batches/{ids['messages']}"),
            ("GET", f"/v1/responses/{ids['response']}"), ("POST", f"/v1/responses/{ids['response']}/cancel"),
            ("GET", f"/v1/responses/{ids['response']}/input_items"), ("DELETE", f"/v1/responses/{ids['response']}"),
        ]  # fmt: skip
        documents = [(method, f"/v1/files/{ids['document']}{end}", [ANTHROPIC], None)
                  for method, end in (("GET", ""), ("GET", "/content"), ("DELETE", ""))]
        bodies = [
            ("/v1/batches", {"input_file_id": ids["file"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}),
            ("/v1/responses", {"model": "openai/m", "input": "x", "previous_response_id": ids["response"]}),
            ("/v1/responses", {"model": "openai/m", "input": "x", "stream": True, "conversation": {"id": ids["conversation"]}}),
            ("/v1/chat/completions", {"model": "openai/m", "messages": turn({"type": "file", "file": {"file_id": ids["file"]}})}),
            ("/v1/messages", {"model": "anthropic/m", "max_tokens": 5, "messages": turn(
                {"type": "document", "source": {"type": "file", "file_id": ids["document"]}})}),
        ]
        return [(method, path, [], None) for method, path in paths] + documents + [
            ("POST", path, [], body) for path, body in bodies]

    def ask(self, key, use):
        method, path, headers, body = use
        return self.send(path, body, method, headers, key)

    def check(self, ids, owner, stranger):
        for use in self.uses(ids):
            with self.subTest(use=use[:2]):
                before = self.count()
                refused = self.ask(stranger, use)
                self.assertEqual(refused.status, 404, refused.body)
                self.assertEqual(self.count(), before, "a stranger's request reached the provider")
                unknown = self.ask(stranger, json.loads(json.dumps(use).replace("-1.", "-9.").replace("_1.", "_9.")))
                if use[3] is None or "batches" in use[1]:
                    self.assertEqual(self.shape(refused), self.shape(unknown), "known and unknown can be told apart")
                self.assertEqual(self.count(), before)
                self.assertEqual(self.ask(owner, use).status, 200, use)
                self.assertNotIn(b".", self.last().target.encode(), "a tag went upstream")

    @staticmethod
    def shape(answer):
        """What an error says, without the id of its request."""
        return answer.status, json.dumps(answer.json()).replace(answer.request_id or "-", "")

    def test_neither_reaches_the_others_objects(self):
        mine, theirs = self.everything(self.key), self.everything(self.other)
        self.assertTrue(set(mine.values()).isdisjoint(theirs.values()), "one provider's id, two tags")
        self.check(mine, self.key, self.other)
        self.check(theirs, self.other, self.key)

    def test_the_binding_outlives_a_restart(self):
        mine = self.everything(self.key)
        self.assertEqual(self.tacet.stop(), 0)
        self.tacet.start()
        self.check(mine, self.key, self.other)

    def test_another_key_of_the_organisation_reaches_them(self):
        mine = self.everything(self.key)
        second = self.tacet.key("second")["key"]
        for use in self.uses(mine):
            with self.subTest(use=use[:2]):
                self.assertEqual(self.ask(second, use).status, 200)

    def test_lists_and_receipts(self):
        for path in ("/v1/files", "/v1/batches", "/v1/messages/batches"):
            for key in (self.key, self.other):
                self.assertEqual(self.send(path, method="GET", key=key).status, 403)
        receipt = self.tacet.receipt(self.expect(self.upload(self.key), 200).request_id)["id"]
        self.assertEqual(self.send(f"/v1/receipts/{receipt}", method="GET", key=self.other).status, 404)
        self.assertEqual(self.send(f"/v1/receipts/{receipt}", method="GET").status, 200)

    def test_test_keys_make_and_reach_nothing(self):
        mine = self.everything(self.key)
        test = self.tacet.key("tests", "--test")["key"]
        before = self.count()
        for use in self.uses(mine):
            with self.subTest(use=use[:2]):
                self.assertIn(self.ask(test, use).status, (403, 404))
        self.assertEqual(self.count(), before)
