"""Known providers by their name alone: the header of the key, the path, and what each would refuse."""

import json
import unittest

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

CHAT = {
    "messages": [{"role": "developer", "content": "short"}, {"role": "user", "content": "hi"}],
    "max_completion_tokens": 9, "user": "u", "seed": 3,
}


class Kinds(OutsideCase):
    @classmethod
    def providers(cls):
        at = f"base_url: http://127.0.0.1:{cls.upstream.port}"
        return {
            "mistral": f"{{ {at}/v1, key: env:MOCK_KEY, price: free }}",
            "router": f"{{ kind: openrouter, {at}/api/v1, key: env:MOCK_KEY, price: free }}",
            "azure": f"{{ {at}, key: env:MOCK_KEY, price: free, api_version: 2024-10-21 }}",
            "azure-v1": f"{{ kind: azure, {at}, key: env:MOCK_KEY, price: free }}",
            "ollama": f"{{ {at}/v1 }}",
        }

    def chat(self, model, stream=False, **more):
        body = {"model": model, **CHAT, **({"stream": True} if stream else {}), **more}
        answer = self.tacet.post(json.dumps(body).encode(), self.key)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer

    def test_mistral_gets_what_it_takes(self):
        answer = self.chat("mistral/m1", stream=True, stream_options={"include_usage": True})
        sent = self.upstream.received("m1")[0].json
        self.assertEqual(sent, {
            "model": "m1", "messages": [{"role": "system", "content": "short"}, CHAT["messages"][1]], "max_tokens": 9,
            "random_seed": 3, "stream": True,
        })
        self.assertEqual(answer.header("x-tacet-warnings"), "messages[0], user")

    def test_strict_translation_refuses_instead(self):
        body = json.dumps({"model": "mistral/m2", **CHAT}).encode()
        answer = self.tacet.post(body, self.key, headers=[("x-tacet-translation", "strict")])
        self.expect(answer, 400)
        self.assertEqual(self.upstream.received("m2"), [])

    def test_azure_names_the_deployment_in_its_path(self):
        events = [
            {"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]},
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "yes"}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}},
        ]
        wire = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events) + b"data: [DONE]\n\n"
        self.upstream.script("my-gpt", up.raw(up.head(200, [up.SSE, ("content-length", str(len(wire)))]) + wire))
        answer = self.chat("azure/my-gpt", stream=True, stream_options={"include_usage": True})
        self.assertEqual(answer.body, wire)
        received = self.upstream.received("my-gpt")[0]
        self.assertEqual(received.target, "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21")
        self.assertEqual(received.header("api-key"), tacet_process.PROVIDER_KEY)
        self.assertIsNone(received.header("authorization"))
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual((receipt["tokens"]["input"], receipt["tokens"]["output"]), (7, 2))

    def test_azure_v1_has_no_version(self):
        self.chat("azure-v1/gpt-x")
        received = self.upstream.received("gpt-x")[0]
        self.assertEqual(received.target, "/openai/v1/chat/completions")
        self.assertEqual(received.header("api-key"), tacet_process.PROVIDER_KEY)
        self.assertEqual(received.json["max_completion_tokens"], 9)

    def test_comments_pass(self):
        wire = (
            b": OPENROUTER PROCESSING\n\n"
            b'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],'
            b'"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n: OPENROUTER PROCESSING\n\ndata: [DONE]\n\n'
        )
        self.upstream.script("or", up.raw(up.head(200, [up.SSE, ("content-length", str(len(wire)))]) + wire))
        answer = self.chat("router/or", stream=True)
        self.assertEqual(answer.body, wire)
        self.assertEqual(self.tacet.receipt(answer.request_id)["tokens"]["input"], 3)

    def test_a_local_server_gets_no_key(self):
        self.chat("ollama/qwen")
        received = self.upstream.received("qwen")[0]
        self.assertIsNone(received.header("authorization"))
        self.assertEqual(received.json["max_tokens"], 9)

    def test_facts_are_printed(self):
        lines = self.tacet.command("provider", "facts", "--json", with_config=False).stdout.splitlines()
        facts = {row["name"]: row for row in map(json.loads, lines)}
        self.assertEqual(facts["groq"]["base_url"], "https://api.groq.com/openai/v1")
        self.assertIn(b"GROQ_API_KEY", self.tacet.command("provider", "facts", with_config=False).stdout)


if __name__ == "__main__":
    unittest.main()
