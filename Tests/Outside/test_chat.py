"""A chat passes through: bytes, headers, streams, the model list, receipts."""

import json

import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

ODD = (
    b'{ "temperature" : 1.50e0,"z_unknown":[1,\t2,{"deep":-0.0}] ,\r\n "messages":[ {"content":"caf\\u00e9 '
    + "é 🙂".encode()
    + b'" , "role":"user"}],"seed":12345678901234567890, "model" : "mock/%s","n":1 ,"big":1E400,"dup":1,"dup":2 }\n'
)


class PassThrough(OutsideCase):
    def test_plain_answer_is_byte_for_byte(self):
        body = up.completion("any text", unknown={"a": [1.50, None]})
        self.upstream.script("whole", up.plain(body))
        answer = self.ask("whole")
        self.expect(answer, 200)
        self.assertEqual(answer.body, body)
        self.assertEqual(answer.header("content-type"), "application/json")

    def test_plain_answer_at_every_kind_of_split(self):
        body = up.completion("split " * 20)
        for size in (1, 2, 3, 7, 64, 500):
            with self.subTest(size=size):
                self.upstream.script("split", up.plain(body, split=size))
                self.assertEqual(self.ask("split").body, body)

    def test_request_bytes_survive_but_for_the_model_name(self):
        self.upstream.script("odd", up.plain())
        sent = ODD % b"odd"
        self.expect(self.ask("odd", sent), 200)
        received = self.upstream.received("odd")[-1]
        self.assertEqual(without_limit(received.body), sent.replace(b"mock/odd", b"odd"))
        self.assertEqual(received.target, "/v1/chat/completions")

    def test_bare_name_of_the_only_provider_passes_untouched(self):
        self.upstream.script("bare-name", up.plain())
        sent = (ODD % b"bare").replace(b"mock/bare", b"bare-name")
        self.expect(self.ask("", sent), 200)
        self.assertEqual(without_limit(self.upstream.received("bare-name")[-1].body), sent)

    def test_request_body_in_chunks_and_splits(self):
        self.upstream.script("chunks", up.plain())
        sent = ODD % b"chunks"
        for sizes in ([1], [3, 1, 64], [1000]):
            with self.subTest(sizes=sizes), self.tacet.connect() as connection:
                fields = [("Authorization", f"Bearer {self.key}"), ("Transfer-Encoding", "chunked")]
                fields.append(("Content-Type", "application/json"))
                head = http_client.request("POST", "/v1/chat/completions", fields, length=False)
                connection.send(head + http_client.chunked(sent, sizes))
                self.expect(connection.read(), 200)
                self.assertEqual(
                    without_limit(self.upstream.received("chunks")[-1].body), sent.replace(b"mock/chunks", b"chunks")
                )

    def test_a_large_body(self):
        self.upstream.script("large", up.plain())
        text = "0123456789abcdef" * (9 << 16)  # 9 MiB: over one slice's comfort (RULES.md 3)
        sent = json.dumps(tacet_process.chat("mock/large", text)).encode()
        self.expect(self.ask("large", sent), 200)
        self.assertEqual(
            without_limit(self.upstream.received("large")[-1].body), sent.replace(b"mock/large", b"large")
        )

    def test_keys_in_every_accepted_place(self):
        self.upstream.script("places", up.plain())
        body = tacet_process.chat("mock/places")
        for name, value in (("Authorization", f"Bearer {self.key}"), ("x-api-key", self.key), ("x-tacet-key", self.key)):
            with self.subTest(name=name):
                self.expect(self.tacet.post(body, headers=[(name, value)]), 200)

    def test_headers_upstream_come_from_an_allow_list(self):
        self.upstream.script("headers", up.plain())
        secret = "canary-header-value"
        fields = [
            ("Cookie", secret), ("X-Forwarded-For", "10.1.2.3"), ("Forwarded", "for=10.1.2.3"), ("X-Secret", secret),
            ("OpenAI-Organization", secret), ("Accept-Encoding", "gzip, br"), ("User-Agent", secret),
            ("Baggage", secret), ("Tracestate", secret), ("Idempotency-Key", secret), ("Referer", secret),
            ("X-Request-Id", secret), ("Connection", "keep-alive, X-Nominated"), ("X-Nominated", secret),
        ]
        self.expect(self.ask("headers", headers=fields), 200)
        received = self.upstream.received("headers")[-1]
        self.assertNotIn(secret.encode(), received.head)
        self.assertNotIn(b"10.1.2.3", received.head)
        self.assertNotIn(self.key.encode(), received.head)
        allowed = {
            "host", "content-type", "content-length", "authorization", "accept", "accept-encoding", "user-agent",
            "connection",
        }
        self.assertLessEqual({name for name, _ in received.headers}, allowed)
        self.assertEqual(received.header("accept-encoding"), "identity")
        self.assertEqual(received.header("authorization"), f"Bearer {tacet_process.PROVIDER_KEY}")
        self.assertEqual(received.header("host"), f"127.0.0.1:{self.upstream.port}")

    def test_response_headers_come_from_an_allow_list(self):
        headers = [
            ("set-cookie", "a=b"), ("alt-svc", "h3"), ("openai-organization", "org-1"), ("x-ratelimit-limit", "9"),
            ("server", "theirs"), ("x-request-id", "req-theirs"), ("cf-ray", "1"), ("via", "1.1 x"),
        ]
        for model, script in (
            ("plain-head", up.plain(headers=headers)),
            ("stream-head", up.stream(up.events(["a"]), headers=headers)),
        ):
            with self.subTest(model=model):
                self.upstream.script(model, script)
                body = tacet_process.chat(f"mock/{model}", stream=model == "stream-head")
                answer = self.ask(model, body)
                names = {name.lower() for name, _ in answer.headers}
                ours = {name for name in names if name.startswith("x-tacet-")}
                self.assertLessEqual(
                    names - ours, {"content-type", "content-length", "transfer-encoding", "date", "connection",
                                   "retry-after", "cache-control", "server"}
                )
                self.assertNotIn("theirs", str(answer.headers))
                self.assertTrue(answer.request_id.startswith("req_"))

    def test_no_gateway_key_in_the_query_reaches_upstream(self):
        self.upstream.script("query", up.plain())
        answer = self.tacet.post(
            tacet_process.chat("mock/query"), self.key, path="/v1/chat/completions?beta=canary-query"
        )
        self.expect(answer, 200)
        self.assertNotIn(b"canary-query", self.upstream.received("query")[-1].head)

    def test_tools_and_images_pass(self):
        body = up.completion(None, tool_calls=[{"id": "1"}])
        self.upstream.script("tools", up.plain(body))
        sent = tacet_process.chat(
            "mock/tools",
            [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}],
            tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        )
        self.assertEqual(self.ask("tools", sent).body, body)
        self.assertEqual(self.upstream.received("tools")[-1].json, {**sent, "model": "tools"})


class Streams(OutsideCase):
    def streamed(self, model, **more):
        return self.ask(model, tacet_process.chat(f"mock/{model}", stream=True, **more))

    def test_every_kind_of_split(self):
        events = up.events(["Hel", "lo ", "wörld 🙂", ""], usage=(3, 4))
        whole = b"".join(events)
        kinds = {
            "event": events,
            "whole": [whole],
            "byte": [whole[at : at + 1] for at in range(len(whole))],
            "seven": [whole[at : at + 7] for at in range(0, len(whole), 7)],
            "pairs": [b"".join(events[at : at + 2]) for at in range(0, len(events), 2)],
        }
        for kind, pieces in kinds.items():
            for framing in ("chunked", "close"):
                with self.subTest(kind=kind, framing=framing):
                    model = f"split-{kind}-{framing}"
                    self.upstream.script(model, up.stream(pieces, framing=framing))
                    answer = self.streamed(model, stream_options={"include_usage": True})
                    self.expect(answer, 200)
                    self.assertEqual(answer.body, whole)
                    self.assertTrue(answer.header("content-type").startswith("text/event-stream"))

    def test_reads_that_end_inside_the_framing(self):
        events = up.events(["Hel", "lo ", "wörld 🙂"], usage=(3, 4))
        for size in (1, 2, 5, 17, 60, 100):
            with self.subTest(size=size):
                self.upstream.script("dribble", up.dribble(up.chunked_stream(events), size))
                answer = self.streamed("dribble", stream_options={"include_usage": True})
                self.assertEqual(answer.body, b"".join(events))

    def test_line_endings_and_comments_survive(self):
        events = [b": ping\r\n\r\n"] + up.events(["a", "b"], line_end=b"\r\n")
        self.upstream.script("crlf", up.stream(events))
        self.assertEqual(self.streamed("crlf").body, b"".join(events))

    def test_usage_is_asked_for_and_stripped(self):
        events = up.events(["a", "b"], usage=(13, 5))
        self.upstream.script("asked", up.stream(events))
        sent = b'{"model":"asked" , "stream":true,"messages":[{"role":"user","content":"x"}] }'
        answer = self.ask("asked", sent)
        received = self.upstream.received("asked")[-1]
        self.assertEqual(received.json["stream_options"], {"include_usage": True})
        inserted = without_limit(received.body).replace(b'"stream_options":{"include_usage":true},', b"", 1)
        self.assertEqual(inserted, sent)
        self.assertEqual(answer.body, b"".join(event for event in events if b'"usage"' not in event))
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual(receipt["tokens"]["total_input"], 13)
        self.assertEqual(receipt["tokens"]["total_output"], 5)

    def test_usage_stays_when_the_client_asked(self):
        events = up.events(["a"], usage=(13, 5))
        self.upstream.script("kept", up.stream(events))
        sent = b'{"model":"kept","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]}'
        self.assertEqual(self.ask("kept", sent).body, b"".join(events))
        self.assertEqual(without_limit(self.upstream.received("kept")[-1].body), sent)

    def test_stream_options_of_other_shapes(self):
        self.upstream.script("shapes", up.stream(up.events(["a"], usage=(1, 1))))
        for options in ("null", "{}", '{"include_usage":false}', '{ "other" : 1 }', '{"include_usage":null}'):
            with self.subTest(options=options):
                sent = b'{"model":"shapes","stream_options":%s,"stream":true,"messages":[{"role":"user","content":"x"}]}'
                answer = self.ask("shapes", sent % options.encode())
                self.expect(answer, 200)
                self.assertNotIn(b'"usage"', answer.body)
                asked = self.upstream.received("shapes")[-1].json["stream_options"]
                self.assertTrue(asked["include_usage"])
                self.assertEqual(asked.get("other"), 1 if "other" in options else None)

    def test_events_are_not_held_back(self):
        self.upstream.script("timed", up.stream(up.events(["a", "b", "c", "d"]), gap=0.15))
        answer = self.streamed("timed")
        times = [at for at, data in answer.pieces if b"data:" in data]
        self.assertGreaterEqual(len(times), 5)
        self.assertGreater(times[-1] - times[0], 0.3)

    def test_an_error_event_passes_and_the_receipt_says_so(self):
        error = b'data: {"error":{"message":"overloaded","type":"server_error","code":null}}\n\n'
        events = up.events(["a"], done=False)[:2] + [error]
        self.upstream.script("error-event", up.stream(events))
        answer = self.streamed("error-event")
        self.assertEqual(answer.body, b"".join(events))
        self.assertEqual(self.tacet.receipt(answer.request_id)["error"], "upstream_error_event")

    def test_a_plain_answer_to_a_streamed_request(self):
        body = up.completion("plain though asked to stream")
        self.upstream.script("not-a-stream", up.plain(body))
        self.assertEqual(self.streamed("not-a-stream").body, body)

    def test_an_error_answer_to_a_streamed_request(self):
        self.upstream.script("refused", up.plain(b'{"error":{"message":"no","type":"invalid","code":"c"}}', status=400))
        answer = self.streamed("refused")
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.json()["error"]["code"], "c")


class Lists(OutsideCase):
    extra = "models:\n  fast: [mock/one, mock/two]"

    def test_models(self):
        answer = self.tacet.get("/v1/models", self.key)
        self.expect(answer, 200)
        listed = answer.json()
        self.assertEqual(listed["object"], "list")
        names = [item["id"] for item in listed["data"]]
        self.assertIn("fast", names)
        for item in listed["data"]:
            self.assertEqual(item["object"], "model")
            self.assertIn("created", item)
            self.assertIn("owned_by", item)

    def test_one_model(self):
        answer = self.tacet.get("/v1/models/fast", self.key)
        self.expect(answer, 200)
        self.assertEqual(answer.json()["id"], "fast")
        self.expect(self.tacet.get("/v1/models/no-such-alias-xyz/none", self.key), 404, "model_not_found")

    def test_head_and_health(self):
        answer = self.tacet.get("/v1/models", self.key, method="HEAD")
        self.assertEqual((answer.status, answer.body), (200, b""))
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.tacet.get(path).status, 200)

    def test_the_gate_stands_before_every_other_route(self):
        for path in ("/v1/models", "/v1/models/fast", "/v1/receipts/req_0"):
            self.expect(self.tacet.get(path), 401, "missing_api_key")
        self.expect(self.tacet.post(tacet_process.chat("fast")), 401, "missing_api_key")

    def test_alias_and_its_fallback(self):
        self.upstream.script("one", up.plain(status=503, body=b'{"error":{"message":"m","type":"t","code":null}}'))
        body = up.completion("second")
        self.upstream.script("two", up.plain(body))
        answer = self.tacet.post(tacet_process.chat("fast"), self.key)
        self.expect(answer, 200)
        self.assertEqual(answer.body, body)
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual(receipt["attempts"], 2)


class Receipts(OutsideCase):
    def test_usage_classes(self):
        usage = {
            "prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 30, "audio_tokens": 5},
            "completion_tokens_details": {"reasoning_tokens": 20, "audio_tokens": 4},
        }
        body = up.completion("x", usage=usage)
        self.upstream.script("classes", up.plain(body))
        answer = self.ask("classes")
        receipt = self.tacet.receipt(answer.request_id)
        tokens = receipt["tokens"]
        self.assertEqual(tokens["total_input"], 100)
        self.assertEqual(tokens["total_output"], 50)
        self.assertEqual(tokens["cache_read"], 30)
        self.assertEqual(tokens["reasoning"], 20)
        self.assertEqual(tokens["input"], 65)
        self.assertEqual(tokens["output"], 46)
        self.assertFalse(receipt["estimated"])
        self.assertEqual(receipt["completion"], "complete")
        self.assertEqual(receipt["error"], "none")
        self.assertEqual(receipt["status"], 200)
        self.assertEqual(receipt["charge_nano_usd"], 0)

    def test_estimated_when_no_usage_comes(self):
        text = "The quick brown fox jumps over the lazy dog. " * 40
        for model, script, stream in (
            ("count-plain", up.plain(up.completion(text, usage=None)), False),
            ("count-stream", up.stream(up.events([word + " " for word in text.split()])), True),
        ):
            with self.subTest(model=model):
                self.upstream.script(model, script)
                body = tacet_process.chat(f"mock/{model}", text, stream=stream)
                receipt = self.tacet.receipt(self.ask(model, body).request_id)
                self.assertTrue(receipt["estimated"])
                for side in ("total_input", "total_output"):
                    # 10 tokens a sentence by OpenAI's tokenizer, 40 sentences; a few of framing on the way in.
                    self.assertGreater(receipt["tokens"][side], 360)
                    self.assertLess(receipt["tokens"][side], 460)
                if not stream:
                    # A plain answer is counted: 401 tokens of o200k_base, four around the turn and three in front.
                    self.assertEqual((receipt["tokens"]["input"], receipt["tokens"]["output"]), (408, 401))

    def test_get_receipt_with_its_proof(self):
        self.upstream.script("proof", up.plain())
        answer = self.ask("proof")
        self.tacet.receipt(answer.request_id)
        shown = self.tacet.get(f"/v1/receipts/{answer.request_id}", self.key)
        self.expect(shown, 200)
        self.assertIn(answer.request_id, shown.body.decode())
        self.expect(self.tacet.get("/v1/receipts/req_00000000000000000000000000", self.key), 404, "receipt_not_found")
        self.expect(self.tacet.get("/v1/receipts/nonsense", self.key), 404, "receipt_not_found")

    def test_verify_and_show(self):
        self.upstream.script("verify", up.plain())
        answer = self.ask("verify")
        self.tacet.receipt(answer.request_id)
        self.assertEqual(self.tacet.command("receipts", "verify").returncode, 0)
        shown = self.tacet.command("receipts", "show", answer.request_id, "--json")
        self.assertEqual(json.loads(shown.stdout)["id"], answer.request_id)

    def test_errors_have_receipts_without_charge(self):
        self.upstream.script("failing", up.plain(b'{"error":{"message":"m","type":"t","code":null}}', status=500))
        answer = self.ask("failing")
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual(receipt["completion"], "failed")
        self.assertEqual(receipt["charge_nano_usd"], 0)
        self.assertEqual(receipt["error"], "upstream_failed")


class Priced(OutsideCase):
    price = None
    extra = "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }"

    def test_charge_is_exact(self):
        self.upstream.script("priced", up.plain(up.completion("x", usage=(1000, 100))))
        receipt = self.tacet.receipt(self.ask("priced").request_id)
        # 1000 × 1 USD/M + 100 × 10 USD/M = 0.002 USD
        self.assertEqual(receipt["charge_nano_usd"], 2_000_000)
        self.assertEqual(receipt["provider_cost_nano_usd"], 2_000_000)

    def test_budget(self):
        self.upstream.script("budget", up.plain(up.completion("x", usage=(1000, 900))))
        key = self.tacet.key("budgeted", "--budget", "0.025")["key"]
        body = tacet_process.chat("mock/budget", "x", max_tokens=1000)
        seen = []
        for _ in range(5):
            answer = self.tacet.post(body, key)
            seen.append(answer.status)
            if answer.status == 402:
                self.expect(answer, 402, "budget_exhausted")
        # Each costs 0.010 USD and holds at most about 0.011: two fit, the third is refused before the upstream is called.
        self.assertEqual(seen, [200, 200, 402, 402, 402])
        self.assertEqual(len(self.upstream.received("budget")), 2)

    def test_the_hold_is_a_bound_the_provider_was_told(self):
        self.upstream.script("bound", up.plain())
        self.tacet.post(tacet_process.chat("mock/bound"), self.tacet.key("bounded", "--budget", "1")["key"])
        sent = self.upstream.received("bound")[-1].json
        self.assertTrue(sent.get("max_tokens") or sent.get("max_completion_tokens"))

    def test_a_failed_call_costs_nothing_and_returns_the_hold(self):
        self.upstream.script("broken", up.raw(b"", then="reset"))
        self.upstream.script("after", up.plain(up.completion("x", usage=(1000, 100))))
        key = self.tacet.key("returned", "--budget", "0.02")["key"]
        for _ in range(4):
            self.assertEqual(self.tacet.post(tacet_process.chat("mock/broken", max_tokens=1000), key).status, 502)
        self.assertEqual(self.tacet.post(tacet_process.chat("mock/after", max_tokens=1000), key).status, 200)


class Refused(OutsideCase):
    price = None

    def test_unknown_price_is_refused(self):
        answer = self.ask("no-such-price")
        self.expect(answer, 404, "model_not_priced")
        self.assertEqual(self.upstream.received("no-such-price"), [])


def without_limit(body):
    """The body without a limit of generated tokens that was put in after the opening brace."""
    for name in (b'"max_completion_tokens":', b'"max_tokens":'):
        at = body.find(name)
        if at == 1 or (at > 0 and body[:at].endswith(b"true},")):
            return body[:at] + body[body.index(b",", at) + 1 :]
    return body
