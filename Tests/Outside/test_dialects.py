"""Every dialect in front of every provider, over sockets: routes, keys, paths, splices, errors, and streams of a kind that
no provider should send."""

import json
import re

import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

BASES = {"openai": "/v1", "anthropic": "", "openai-responses": "/v1", "gemini": ""}
NAMES = {"oai": "openai", "ant": "anthropic", "rsp": "openai-responses", "gem": "gemini"}


def sse(*values, end="\n"):
    return [f"data: {json.dumps(value)}{end}{end}".encode() for value in values]


def named(*values):
    return [f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode() for value in values]


GEMINI_USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}


def gemini(text="pong", stop="STOP", usage=GEMINI_USAGE):
    chunk = {"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}], "modelVersion": "g"}
    if stop:
        chunk["candidates"][0]["finishReason"] = stop
    if usage:
        chunk["usageMetadata"] = usage
    return chunk


def response(text="pong", status="completed", output=True):
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m",
        "output": [
            {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": text, "annotations": []}]}
        ] if output else [],
        "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7} if output else None,
    }  # fmt: skip


def response_events(text="pong"):
    item = response(text)["output"][0]
    return [
        {"type": "response.created", "sequence_number": 0, "response": response(status="in_progress", output=False)},
        {"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": {**item, "content": []}},
        {"type": "response.output_text.delta", "sequence_number": 2, "item_id": "msg_1", "output_index": 0,
         "content_index": 0, "delta": text},
        {"type": "response.output_item.done", "sequence_number": 3, "output_index": 0, "item": item},
        {"type": "response.completed", "sequence_number": 4, "response": response(text)},
    ]  # fmt: skip


def message(text="pong"):
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": text}], "usage": {"input_tokens": 5, "output_tokens": 2},
    }  # fmt: skip


def message_events(text="pong"):
    return [
        {"type": "message_start", "message": {**message(), "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ]


#: What each provider says, plain and streamed.
PLAIN = {
    "oai": up.completion(usage=(5, 2)), "ant": json.dumps(message()).encode(),
    "rsp": json.dumps(response()).encode(), "gem": json.dumps(gemini()).encode(),
}  # fmt: skip
STREAMED = {
    "oai": up.events(["po", "ng"], usage=(5, 2)), "ant": named(*message_events()), "rsp": named(*response_events()),
    "gem": sse(gemini("po", None, None), gemini("ng"), end="\r\n"),
}  # fmt: skip
PATHS = {
    "oai": "/v1/chat/completions", "ant": "/v1/messages", "rsp": "/v1/responses",
    "gem": "/v1beta/models/m:generateContent",
}  # fmt: skip


class DialectCase(OutsideCase):
    """Four providers, one of each dialect, behind one socket."""

    @classmethod
    def providers(cls):
        port = cls.upstream.port
        return {
            name: f"{{ dialect: {dialect}, base_url: http://127.0.0.1:{port}{BASES[dialect]}, key: env:MOCK_KEY, price: free }}"
            for name, dialect in NAMES.items()
        }

    def setUp(self):
        self.upstream.scripts.clear()
        self.upstream.default = self.answer

    @staticmethod
    def answer(peer, received):
        provider = next(name for name in PATHS if DialectCase.is_of(name, received.target))
        streams = received.json.get("stream") or "streamGenerateContent" in received.target
        script = up.stream(STREAMED[provider]) if streams else up.plain(PLAIN[provider])
        script(peer, received)

    @staticmethod
    def is_of(name, target):
        return ":" in target if name == "gem" else target.startswith(PATHS[name])

    def post(self, path, body, headers=None):
        headers = [("x-api-key", self.key)] if headers is None else headers
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = [("content-type", "application/json"), *headers]
        with self.tacet.connect() as connection:
            connection.send(http_client.request("POST", path, fields, data))
            return connection.read()

    def get(self, path, headers=None):
        return self.send("GET", path, headers)

    def send(self, method, path, headers=None):
        with self.tacet.connect() as connection:
            connection.send(http_client.request(method, path, headers or [("x-goog-api-key", self.key)]))
            return connection.read(method)

    def request(self, client, model, streams=False):
        """Path and body of a small request."""
        turn = [{"role": "user", "content": "ping"}]
        if client == "gem":
            action = "streamGenerateContent?alt=sse" if streams else "generateContent"
            return f"/v1beta/models/{model}:{action}", {"contents": [{"role": "user", "parts": [{"text": "ping"}]}]}
        body = {
            "oai": {"messages": turn, "stream_options": {"include_usage": True}},
            "ant": {"messages": turn, "max_tokens": 16},
            "rsp": {"input": "ping"},
        }[client]
        if not streams:
            body.pop("stream_options", None)
        return PATHS[client], {"model": model, "stream": streams, **body}

    def tokens(self, request_ids):
        """The receipts' (input, output), read in one go."""
        receipts = [receipt["tokens"] for receipt in self.receipts(request_ids)]
        return [(tokens["total_input"], tokens["total_output"]) for tokens in receipts]

    def receipts(self, request_ids):
        wanted = set(request_ids)

        def found():
            known = {receipt["id"]: receipt for receipt in self.tacet.receipts()}
            return wanted <= set(known) and known

        known = self.eventually(found, within=30, message="receipts are missing")
        return [known[i] for i in request_ids]

    def last(self):
        return self.upstream.asked[-1]

    def text(self, client, answer, streams):
        """What a client of the dialect reads."""
        if not streams:
            value = answer.json()
            return {
                "oai": lambda: value["choices"][0]["message"]["content"],
                "ant": lambda: "".join(block["text"] for block in value["content"]),
                "rsp": lambda: "".join(part["text"] for item in value["output"] for part in item["content"]),
                "gem": lambda: "".join(part["text"] for part in value["candidates"][0]["content"]["parts"]),
            }[client]()
        pick = {
            "oai": lambda value: "".join(choice["delta"].get("content") or "" for choice in value["choices"]),
            "ant": lambda value: value.get("delta", {}).get("text", ""),
            "rsp": lambda value: value["delta"] if value["type"] == "response.output_text.delta" else "",
            "gem": lambda value: "".join(part["text"] for choice in value.get("candidates", ())
                                         for part in choice["content"]["parts"]),
        }[client]
        return "".join(pick(value) for value in self.events(answer))

    @staticmethod
    def events(answer):
        lines = [line[5:].strip() for line in re.split(rb"[\r\n]+", answer.body) if line.startswith(b"data:")]
        return [json.loads(line) for line in lines if line != b"[DONE]"]


class EveryPair(DialectCase):
    def test_text_and_usage(self):
        asked = []
        for client in NAMES:
            for provider in NAMES:
                for streams in (False, True):
                    with self.subTest(client=client, provider=provider, streams=streams):
                        path, body = self.request(client, f"{provider}/m", streams)
                        answer = self.post(path, body)
                        self.assertEqual(answer.status, 200, answer.body)
                        self.assertEqual(self.text(client, answer, streams), "pong", answer.body)
                        kind = "text/event-stream" if streams else "application/json"
                        self.assertEqual(answer.header("content-type"), kind)
                        asked.append(answer.request_id)
        self.assertEqual(set(self.tokens(asked)), {(5, 2)})
        dialects = [receipt["dialect"] for receipt in self.tacet.receipts() if receipt["id"] in asked]
        self.assertEqual({name: dialects.count(name) for name in NAMES.values()}, dict.fromkeys(NAMES.values(), 8))

    def test_what_a_provider_is_sent(self):
        paths = {
            "oai": "/v1/chat/completions", "ant": "/v1/messages", "rsp": "/v1/responses",
            "gem": "/v1beta/models/m:generateContent",
        }  # fmt: skip
        key = tacet_process.PROVIDER_KEY
        for provider in NAMES:
            with self.subTest(provider=provider):
                self.post(*self.request("oai", f"{provider}/m"))
                received = self.last()
                self.assertEqual(received.target, paths[provider])
                name = {"ant": "x-api-key", "gem": "x-goog-api-key"}.get(provider, "authorization")
                self.assertTrue(received.header(name).endswith(key))
                self.assertEqual(sum(key in value for _, value in received.headers), 1)
                self.assertNotIn(self.key, received.head.decode("latin1"))

    def test_the_same_dialect_passes_bytes(self):
        for client in NAMES:
            with self.subTest(client=client):
                path, body = self.request(client, f"{client}/m")
                self.assertEqual(self.post(path, body).body, PLAIN[client])
                path, body = self.request(client, f"{client}/m", True)
                self.assertEqual(self.post(path, body).body, b"".join(STREAMED[client]))


class GeminiIngress(DialectCase):
    body = {"contents": [{"parts": [{"text": "ping"}]}]}

    def test_keys(self):
        path = "/v1beta/models/gem/m:generateContent"
        for headers in (
            [("x-goog-api-key", self.key)], [("x-api-key", self.key)], [("authorization", f"Bearer {self.key}")],
        ):  # fmt: skip
            self.assertEqual(self.post(path, self.body, headers).status, 200)
        self.assertEqual(self.post(f"{path}?key={self.key}&alt=json", self.body, []).status, 200)
        self.assertEqual(self.last().target, "/v1beta/models/m:generateContent")
        self.assertNotIn(self.key, self.last().head.decode("latin1"))
        refused = self.post(path, self.body, [])
        self.assertEqual((refused.status, refused.json()["error"]["status"]), (401, "UNAUTHENTICATED"))

    def test_framings_and_versions(self):
        self.upstream.default = up.plain(b"[" + b"\n,\r\n".join(json.dumps(gemini(x)).encode() for x in "ab") + b"\n]\n")
        answer = self.post("/v1/models/gem/m:streamGenerateContent", self.body)
        self.assertEqual([gemini("a"), gemini("b")], answer.json())
        self.assertEqual(self.last().target, "/v1beta/models/m:streamGenerateContent")
        self.assertEqual(self.tacet.receipt(answer.request_id)["tokens"]["total_input"], 5)
        self.upstream.default = self.answer
        answer = self.post("/v1beta/models/oai/m:streamGenerateContent", self.body)
        self.assertEqual(answer.header("content-type"), "application/json")
        text = "".join(part["text"] for chunk in answer.json() for part in chunk["candidates"][0]["content"]["parts"])
        self.assertEqual(text, "pong")

    def test_models(self):
        names = [model["name"] for model in self.get("/v1beta/models").json()["models"]]
        self.assertIn("models/sandbox/echo", names)
        self.assertEqual(self.get("/v1beta/models/sandbox/echo").json()["name"], "models/sandbox/echo")
        missing = self.get("/v1beta/models/nothing").json()
        self.assertEqual(missing["error"]["status"], "NOT_FOUND")

    def test_paths_that_lead_nowhere(self):
        for path, status in (
            ("/v1beta/models/m:fly", 405), ("/v1beta/models/:generateContent", 405), ("/v1beta/cachedContents", 404),
            ("/v1beta/models/m%zz:generateContent", 404), ("/v1beta/models/nothing:generateContent", 404),
        ):  # fmt: skip
            answer = self.post(path, self.body)
            self.assertEqual(answer.status, status, path)
            self.assertEqual(answer.json()["error"]["code"], status)


class KeptObjects(DialectCase):
    """What a provider keeps is bound to the organisation that was given its id."""

    def say(self, **more):
        return self.post("/v1/responses", {"model": "rsp/m", "input": "x", **more})

    def kept(self):
        """The id that a stored answer leaves with."""
        self.upstream.default = up.plain(json.dumps(response()).encode())
        return self.say(store=True).json()["id"]

    def test_store_is_false_unless_said(self):
        answer = self.say()
        self.assertIs(self.last().json["store"], False)
        self.assertEqual(answer.body, PLAIN["rsp"], "an answer that nobody keeps passes as it is")

    def test_a_conversation_by_ids(self):
        first = self.kept()
        self.assertRegex(first, r"^resp_1\.[A-Za-z0-9_-]{22}$")
        told = {**response(), "id": "resp_2", "previous_response_id": "resp_1", "conversation": {"id": "conv_1"}}
        self.upstream.default = up.plain(json.dumps(told).encode())
        answer = self.say(store=True, previous_response_id=first)
        self.assertEqual(self.last().json["previous_response_id"], "resp_1")
        second = answer.json()
        self.assertEqual(second["previous_response_id"], first)
        self.assertRegex(second["id"], r"^resp_2\.")
        self.say(conversation={"id": second["conversation"]["id"]})
        self.assertEqual(self.last().json["conversation"], {"id": "conv_1"})
        events = response_events()
        for event in events:
            if "response" in event:
                event["response"]["previous_response_id"] = "resp_1"
        self.upstream.default = up.stream(named(*events))
        streamed = self.say(stream=True, previous_response_id=first)
        self.assertEqual(streamed.body.count(first.encode()), 4, streamed.body)
        self.assertEqual(streamed.body.replace(first.encode(), b"resp_1"), b"".join(named(*events)))

    def test_its_life(self):
        name = self.kept()
        self.upstream.default = lambda peer, received: up.plain(json.dumps(
            {"object": "list", "data": [{"id": "msg_1"}]} if received.target.endswith("?limit=2") else
            {"id": "resp_1", "object": "response.deleted", "deleted": True} if received.method == "DELETE" else
            response()).encode())(peer, received)  # fmt: skip
        self.assertEqual(self.get(f"/v1/responses/{name}").json()["id"], name)
        self.assertEqual(self.send("POST", f"/v1/responses/{name}/cancel").json()["id"], name)
        self.assertEqual(self.last().target, "/v1/responses/resp_1/cancel")
        items = self.get(f"/v1/responses/{name}/input_items?limit=2")
        self.assertEqual(items.json()["data"], [{"id": "msg_1"}])
        self.assertEqual(self.send("DELETE", f"/v1/responses/{name}").json(),
                         {"id": name, "object": "response.deleted", "deleted": True})  # fmt: skip
        with self.upstream.lock:
            last = self.upstream.log[-1]
        self.assertEqual((last.method, last.target), ("DELETE", "/v1/responses/resp_1"))

    def test_ids_of_others_are_unknown(self):
        name = self.kept()
        wrong = name[:-1] + ("A" if name[-1] != "A" else "B")
        before = len(self.upstream.asked)
        for bad in ("resp_1", wrong, name + "x"):
            with self.subTest(bad=bad):
                self.refuse(self.send("GET", f"/v1/responses/{bad}"))
                for body in ({"previous_response_id": bad}, {"conversation": bad}, {"conversation": {"id": bad}}):
                    body = {"model": "rsp/m", "input": "x", "stream": True, **body}
                    self.refuse(self.post("/v1/responses", body), next(reversed(body)))
        self.assertEqual(len(self.upstream.asked), before, "something left the gateway")

    def refuse(self, answer, member=None):
        error = answer.json()["error"]
        self.assertEqual((answer.status, error["code"], error["param"]), (404, "object_not_found", member))

    def test_refused_across_dialects(self):
        kept = self.kept()
        for member, value in (
            ("previous_response_id", kept), ("conversation", kept), ("prompt", {"id": "pmpt_0"}),
            ("background", True), ("store", True),
        ):  # fmt: skip
            for provider in ("oai", "ant", "gem"):
                before = len(self.upstream.asked)
                answer = self.post("/v1/responses", {"model": f"{provider}/m", "input": "x", member: value})
                error = answer.json()["error"]
                if value == kept:
                    self.assertEqual((answer.status, error["code"]), (404, "object_not_found"), answer.body)
                else:
                    self.assertEqual((answer.status, error["code"]), (400, "cannot_translate"), answer.body)
                    self.assertEqual(error["param"], member)
                self.assertEqual(len(self.upstream.asked), before)
        body = {"contents": [{"parts": [{"text": "x"}]}], "cachedContent": "cachedContents/1"}
        self.assertEqual(self.post("/v1beta/models/oai/m:generateContent", body).status, 400)


class GeminiEmbeddings(DialectCase):
    def test_pass_with_the_providers_own_model(self):
        told = b'{"embeddings":[{"values":[0.1e0]}], "usageMetadata":{"promptTokenCount":7}}'
        self.upstream.default = up.plain(told)
        body = {"requests": [{"model": "models/gem/e", "content": {"parts": [{"text": "x"}]}}]}
        answer = self.post("/v1beta/models/gem/e:batchEmbedContents", body)
        self.assertEqual((answer.status, answer.body), (200, told))
        self.assertEqual(self.last().target, "/v1beta/models/e:batchEmbedContents")
        self.assertEqual(self.last().json["requests"][0]["model"], "models/e")
        self.assertEqual(self.last().header("x-goog-api-key"), tacet_process.PROVIDER_KEY)
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual(receipt["endpoint"], "/v1beta/models/{model}:batchEmbedContents")
        self.assertEqual((receipt["tokens"]["input"], receipt["tokens"]["output"], receipt["estimated"]), (7, 0, False))

    def test_without_a_report_it_is_estimated(self):
        self.upstream.default = up.plain(b'{"embedding":{"values":[0.5]}}')
        answer = self.post("/v1/models/gem/e:embedContent", {"content": {"parts": [{"text": "x" * 400}]}})
        self.assertEqual((answer.status, self.last().target), (200, "/v1beta/models/e:embedContent"))
        receipt = self.tacet.receipt(answer.request_id)
        self.assertTrue(receipt["estimated"])
        self.assertGreater(receipt["tokens"]["input"], 90)

    def test_refusals(self):
        for path, body, status in (
            ("gem/e:embedContent", {}, 400), ("oai/e:embedContent", {"content": {}}, 400),
            ("gem/e:batchEmbedContents", {"requests": 1}, 400), ("nobody/e:embedContent", {"content": {}}, 404),
        ):  # fmt: skip
            answer = self.post(f"/v1beta/models/{path}", body)
            self.assertEqual((answer.status, answer.json()["error"]["code"]), (status, status), answer.body)


class Counting(DialectCase):
    def test_same_dialect_asks_the_provider(self):
        self.upstream.default = up.plain(b'{"input_tokens":14}')
        answer = self.post("/v1/messages/count_tokens", {"model": "ant/m", "messages": []})
        self.assertEqual((answer.body, self.last().target), (b'{"input_tokens":14}', "/v1/messages/count_tokens"))
        self.upstream.default = up.plain(b'{"totalTokens":3}')
        answer = self.post("/v1beta/models/gem/m:countTokens", {"contents": []})
        self.assertEqual((answer.body, self.last().target), (b'{"totalTokens":3}', "/v1beta/models/m:countTokens"))
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual((receipt["provider_cost_nano_usd"], receipt["estimated"]), (0, False))

    def test_others_are_counted_here(self):
        before = len(self.upstream.asked)
        turn = [{"role": "user", "content": "Hello, world! Counting is not hard."}]
        answer = self.post("/v1/messages/count_tokens", {"model": "oai/gpt-5", "messages": turn})
        # Nine tokens of o200k_base, four around the turn, three in front of the answer.
        self.assertEqual(answer.json(), {"input_tokens": 16}, answer.body)
        self.assertEqual(answer.header("x-tacet-warnings"), "estimated")
        body = {"contents": [{"parts": [{"text": turn[0]["content"]}]}]}
        self.assertEqual(self.post("/v1beta/models/oai/gpt-5:countTokens", body).json(), {"totalTokens": 16})
        self.assertEqual(len(self.upstream.asked), before)
        broken = self.post("/v1/messages/count_tokens", {"model": "oai/gpt-5"})
        self.assertEqual((broken.status, broken.json()["error"]["code"]), (400, "missing_member"))


class Errors(DialectCase):
    def test_shapes(self):
        shapes = {
            "oai": lambda error: error["error"]["code"] == "model_not_found",
            "rsp": lambda error: error["error"]["code"] == "model_not_found",
            "ant": lambda error: error["error"]["type"] == "not_found_error",
            "gem": lambda error: error["error"]["details"][0]["reason"] == "MODEL_NOT_FOUND",
        }
        for client, check in shapes.items():
            answer = self.post(*self.request(client, "nobody/m"))
            self.assertEqual(answer.status, 404)
            self.assertTrue(check(answer.json()), answer.body)

    def test_a_provider_says_when_to_come_back(self):
        body = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED", "details": [
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s"}]}}  # fmt: skip
        self.upstream.default = up.plain(json.dumps(body).encode(), status=429)
        for client in NAMES:
            answer = self.post(*self.request(client, "gem/m"))
            self.assertEqual((answer.status, answer.header("retry-after")), (429, "4"))

    def test_a_cut_stream_ends_with_an_error_of_the_dialect(self):
        for provider in NAMES:
            pieces = STREAMED[provider][:-1] if provider != "oai" else STREAMED[provider][:2]
            self.upstream.default = up.stream(pieces, end=False)
            for client in NAMES:
                with self.subTest(client=client, provider=provider):
                    answer = self.post(*self.request(client, f"{provider}/m", True))
                    last = self.events(answer)[-1]
                    if client == "rsp":
                        self.assertEqual((last["type"], last["code"]), ("error", "upstream_cut"))
                        numbers = [event["sequence_number"] for event in self.events(answer)]
                        self.assertEqual(numbers, list(range(len(numbers))))
                    elif client == "gem":
                        self.assertEqual(last["error"]["details"][0]["reason"], "UPSTREAM_CUT")
                    else:
                        self.assertEqual(last["error"]["code"], "upstream_cut")
                    self.assertEqual(answer.ended, "chunked")


class StrangeStreams(DialectCase):
    """What a stream says does not hang on how it is spelled."""

    def variants(self, provider):
        events = STREAMED[provider]
        joined = b"".join(events)
        unknown = b'event: odd\ndata: {"type":"response.odd","odd":[1]}\n\n' if provider != "gem" else b": odd\n\n"
        yield "no space", joined.replace(b"data: ", b"data:")
        yield "CRLF", joined.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        yield "CR", joined.replace(b"\r\n", b"\n").replace(b"\n", b"\r")
        yield "comments", b": hello\n\n" + b": keep-alive\n\n".join(events)
        yield "a byte order mark", b"\xef\xbb\xbf" + joined
        yield "unknown events", events[0] + unknown + b"".join(events[1:])
        yield "lines", joined.replace(b", ", b",\ndata: ")
        yield "blank", b"\n\n" + joined

    def test_every_spelling(self):
        asked = []
        for provider in NAMES:
            for what, data in self.variants(provider):
                self.upstream.default = up.stream([data[:100], data[100:101], data[101:]])
                for client in NAMES:
                    with self.subTest(what, client=client, provider=provider):
                        answer = self.post(*self.request(client, f"{provider}/m", True))
                        self.assertEqual(answer.status, 200)
                        if client == provider:
                            self.assertEqual(answer.body, data)
                        else:
                            self.assertEqual(self.text(client, answer, True), "pong", answer.body)
                        asked.append(answer.request_id)
        self.assertEqual(set(self.tokens(asked)), {(5, 2)})

    @staticmethod
    def reports(provider):
        """Streams that report (5, 2) in different ways, or nothing: (how, pieces)."""
        if provider == "oai":
            def chunk(text, usage=None, choices=True):
                choice = {"index": 0, "delta": {"content": text}, "finish_reason": None if text else "stop"}
                return {"id": "c", "model": "m", "choices": [choice] if choices else [], "usage": usage}
            words, end = [chunk("po"), chunk("ng")], [b"data: [DONE]\n\n"]
            first, last = {"prompt_tokens": 5, "completion_tokens": 1}, {"prompt_tokens": 5, "completion_tokens": 2}
            yield "never", sse(*words, chunk("")) + end
            yield "late", sse(*words, chunk(""), chunk("", last, choices=False)) + end
            yield "twice", sse(*words, chunk("", last), chunk("", last, choices=False)) + end
            yield "cumulative", sse(chunk("po", first), chunk("ng", last), chunk("", last)) + end
            yield "split", sse(chunk("po", {"prompt_tokens": 5}), chunk("ng"), chunk("", {"completion_tokens": 2})) + end
        elif provider == "gem":
            first, last = {**GEMINI_USAGE, "candidatesTokenCount": 1}, GEMINI_USAGE
            yield "never", sse(gemini("pong", usage=None))
            yield "late", sse(gemini("pong", usage=None), {"usageMetadata": last})
            yield "twice", sse(gemini("po", None, last), gemini("ng"))
            yield "cumulative", sse(gemini("po", None, first), gemini("ng"))
            yield "split", sse(gemini("po", None, {"promptTokenCount": 5}), gemini("ng", usage={"candidatesTokenCount": 2}))
        elif provider == "ant":
            def events(start, *deltas):
                told = message_events()
                told[0]["message"]["usage"] = start
                told[4:5] = [{**told[4], "usage": usage} for usage in deltas]
                return named(*told)
            yield "never", events(None, None)
            yield "late", events(None, {"input_tokens": 5, "output_tokens": 2})
            yield "twice", events({"input_tokens": 5, "output_tokens": 2}, {"input_tokens": 5, "output_tokens": 2})
            yield "cumulative", events({"input_tokens": 5, "output_tokens": 1}, {"output_tokens": 1}, {"output_tokens": 2})
            yield "split", events({"input_tokens": 5}, {"output_tokens": 2})
        else:
            def events(first, last):
                told = response_events()
                told[0]["response"]["usage"], told[-1]["response"]["usage"] = first, last
                return named(*told)
            first, last = {"input_tokens": 5, "output_tokens": 1}, {"input_tokens": 5, "output_tokens": 2}
            yield "never", events(None, None)
            yield "late", events(None, last)
            yield "twice", events(last, last)
            yield "cumulative", events(first, last)

    def test_usage_twice_late_never_cumulative_and_split(self):
        asked = {}
        for provider in NAMES:
            for how, pieces in self.reports(provider):
                self.upstream.default = up.stream(pieces)
                for client in NAMES:
                    answer = self.post(*self.request(client, f"{provider}/m", True))
                    self.assertEqual(self.text(client, answer, True), "pong", (how, client, provider, answer.body))
                    asked[answer.request_id] = how, client, provider
        for receipt in self.receipts(asked):
            with self.subTest(case=asked[receipt["id"]]):
                how = asked[receipt["id"]][0]
                self.assertEqual(receipt["estimated"], how == "never")
                tokens = receipt["tokens"]["total_input"], receipt["tokens"]["total_output"]
                if how == "never":
                    self.assertGreater(min(tokens), 0)
                else:
                    self.assertEqual(tokens, (5, 2))

    def test_a_large_event(self):
        """Of a megabyte everywhere, and of a picture's size."""
        for size in (1 << 20, 6 << 20):
            text = "x" * size
            streams = {
                "gem": sse(gemini(text)), "ant": named(*message_events(text)), "rsp": named(*response_events(text)),
                "oai": up.events([text], usage=(5, 2)),
            }  # fmt: skip
            if size > 4 << 20:
                del streams["rsp"]  # says it three times
            for provider, pieces in streams.items():
                self.upstream.default = up.stream(pieces)
                for client in NAMES:
                    with self.subTest(size=size, client=client, provider=provider):
                        answer = self.post(*self.request(client, f"{provider}/m", True))
                        self.assertEqual(len(self.text(client, answer, True)), size)

    def test_arguments_that_are_no_json(self):
        delta = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":'}}
        chunk = {"choices": [{"index": 0, "delta": {"tool_calls": [delta]}, "finish_reason": "tool_calls"}]}
        self.upstream.default = up.stream([*sse(chunk), b"data: [DONE]\n\n"])
        for client in NAMES:
            answer = self.post(*self.request(client, "oai/m", True))
            self.assertEqual(answer.status, 200)
            self.assertIn(b'"f"', answer.body)
            self.events(answer)

    def test_base64_that_is_none(self):
        image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "*not base64*"}}
        body = {"model": "gem/m", "max_tokens": 5, "messages": [{"role": "user", "content": [image]}]}
        answer = self.post("/v1/messages", body)
        self.assertIn(answer.status, (200, 400))
        self.assertTrue(answer.status == 400 or answer.header("x-tacet-warnings"))

    def test_indexes_that_are_missing(self):
        calls = [{"id": f"call_{n}", "type": "function", "function": {"name": "f", "arguments": "{}"}} for n in (1, 2)]
        streams = {"ant": message_events(), "rsp": response_events()}
        for events in streams.values():
            for event in events:
                for name in ("index", "output_index", "content_index", "sequence_number"):
                    event.pop(name, None)
        for provider, events in streams.items():
            self.upstream.default = up.stream(named(*events))
            for client in NAMES:
                answer = self.post(*self.request(client, f"{provider}/m", True))
                if client != provider:
                    self.assertEqual(self.text(client, answer, True), "pong", answer.body)
        chunks = [{"choices": [{"delta": {"tool_calls": [call]}}]} for call in calls]
        chunks.append({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]})
        self.upstream.default = up.stream([*sse(*chunks), b"data: [DONE]\n\n"])
        for client in ("ant", "rsp", "gem"):
            body = self.post(*self.request(client, "oai/m", True)).body
            self.assertEqual(body.count(b'"functionCall"' if client == "gem" else b'"call_2"') > 0, True, body)


class Priced(DialectCase):
    """What has a price must be metered."""

    extra = "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }"

    @classmethod
    def providers(cls):
        return {name: entry.replace(", price: free", "") for name, entry in super().providers().items()}

    def test_background_is_refused(self):
        before = len(self.upstream.asked)
        answer = self.post("/v1/responses", {"model": "rsp/m", "input": "x", "background": True})
        self.assertEqual((answer.status, answer.json()["error"]["code"]), (403, "background_not_metered"))
        self.assertEqual(len(self.upstream.asked), before)

    def test_each_dialect_is_charged_alike(self):
        asked = [self.post(*self.request(client, f"{client}/m", True)).request_id for client in NAMES]
        self.tokens(asked)
        charges = {r["id"]: r["charge_nano_usd"] for r in self.tacet.receipts()}
        self.assertEqual({charges[i] for i in asked}, {5 * 1000 + 2 * 10_000})

    def test_a_count_costs_nothing(self):
        self.upstream.default = up.plain(b'{"input_tokens":14}')
        body = {"model": "ant/m", "messages": [{"role": "user", "content": "x"}]}
        own = self.post("/v1/messages/count_tokens", body).request_id
        here = self.post("/v1/messages/count_tokens", {**body, "model": "oai/m"}).request_id
        for request_id in (own, here):
            receipt = self.tacet.receipt(request_id)
            self.assertEqual((receipt["charge_nano_usd"], receipt["status"]), (0, 200))
