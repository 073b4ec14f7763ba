"""Bedrock and Vertex: who calls, where to, with which body, and what comes back. Signatures are checked by botocore."""

import base64
import json
import os
import struct
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import zlib

import http2_front
import scripted_upstream as up
from outside_case import OutsideCase

try:
    import botocore.loaders
    import botocore.model
    import botocore.validate
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    SigV4Auth = None

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
MESSAGE = {
    "id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "end_turn",
    "stop_sequence": None, "content": [{"type": "text", "text": "hello"}],
    "usage": {"input_tokens": 5, "output_tokens": 2},
}
EVENTS = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hällo"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}},
    {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 5, "outputTokenCount": 4}},
]
ASK = {"max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]}


def frame(headers, payload):
    fields = b""
    for name, value in headers.items():
        fields += struct.pack(">B", len(name)) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    prelude = struct.pack(">II", 16 + len(fields) + len(payload), len(fields))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    message = prelude + fields + payload
    return message + struct.pack(">I", zlib.crc32(message))


def chunk(event):
    data = base64.b64encode(json.dumps(event).encode()).decode()
    headers = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return frame(headers, json.dumps({"bytes": data, "p": "abcdefgh"}).encode())


def stream(body):
    head = up.head(200, [("content-type", "application/vnd.amazon.eventstream"), ("content-length", str(len(body)))])

    def run(peer, received):
        wire = head + body
        for at in range(0, len(wire), 41):
            peer.send(wire[at:at + 41])
            time.sleep(0.001)

    return run


def plain(value, status=200):
    body = json.dumps(value).encode()
    return up.raw(up.head(status, [up.JSON, ("content-length", str(len(body)))]) + body, then="keep")


class Cloud(OutsideCase):
    def messages(self, model, **more):
        body = json.dumps({"model": model, **ASK, **more}).encode()
        return self.tacet.post(body, self.key, path="/v1/messages", headers=[("anthropic-beta", "b-1,b-2")])

    def last(self):
        return self.upstream.asked[-1]


class Signed(Cloud):
    """Providers that take signatures."""

    KEY = ("AKIDOUTSIDE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session/token+=")

    @classmethod
    def base(cls):
        return f"http://127.0.0.1:{cls.upstream.port}"

    @classmethod
    def providers(cls):
        os.environ.pop("AWS_SESSION_TOKEN", None)
        at = f"base_url: {cls.base()}, region: eu-west-1, price: free"
        cls.folder = tempfile.mkdtemp(prefix="tacet-clouds-")
        for name, value in zip(("id", "secret", "token"), cls.KEY):
            with open(f"{cls.folder}/{name}", "w", encoding="ascii") as out:
                out.write(value + "\n")
        pair = f"key: file:{cls.folder}/id, secret: file:{cls.folder}/secret"
        return {
            "bedrock": f"{{ {at}, {pair} }}",
            "session": f"{{ kind: bedrock, {at}, {pair}, session_token: file:{cls.folder}/token }}",
            "bearer": f"{{ kind: bedrock, {at}, key: env:MOCK_KEY }}",
        }

    def check_signature(self, received):
        """Botocore signs what was received, and must come to the same."""
        sent = dict(received.headers)
        fields = dict(part.split("=", 1) for part in sent["authorization"].split(" ", 1)[1].split(", "))
        signed = fields["SignedHeaders"].split(";")
        self.assertLessEqual({"host", "x-amz-date"}, set(signed))
        request = AWSRequest(
            "POST", f"http://{sent['host']}{received.target}", data=received.body,
            headers={name: sent[name] for name in signed})
        request.context["timestamp"] = sent["x-amz-date"]
        auth = SigV4Auth(Credentials(self.KEY[0], self.KEY[1]), "bedrock", "eu-west-1")
        text = auth.string_to_sign(request, auth.canonical_request(request))
        self.assertEqual(fields["Signature"], auth.signature(text, request))
        self.assertEqual(fields["Credential"], f"{self.KEY[0]}/{sent['x-amz-date'][:8]}/eu-west-1/bedrock/aws4_request")
        self.assertNotIn(self.KEY[1].encode(), received.head + received.body)


class OverHTTP2(Signed):
    @classmethod
    def base(cls):
        cls.front = http2_front.Front(cls.upstream.port)
        cls.addClassCleanup(cls.front.stop)
        cls.extra = f"upstream_roots: {cls.front.certificate}"
        return f"https://localhost:{cls.front.port}"

    def test_requests_are_signed_alike(self):
        self.upstream.default = plain(MESSAGE)
        for provider in ("bedrock", "session", "bearer"):
            with self.subTest(provider=provider):
                self.assertEqual(self.messages(f"{provider}/{MODEL}").status, 200)
                received = self.last()
                self.assertEqual(received.header("x-protocol"), "HTTP/2.0")
                if provider == "bearer":
                    self.assertTrue(received.header("authorization").startswith("Bearer "))
                elif SigV4Auth:
                    self.check_signature(received)


class Bedrock(Signed):
    @unittest.skipUnless(SigV4Auth, "botocore is not installed: nothing checks the signature independently")
    def test_requests_are_signed(self):
        self.upstream.default = plain(MESSAGE)
        for provider in ("bedrock", "session"):
            with self.subTest(provider=provider):
                self.assertEqual(self.messages(f"{provider}/{MODEL}").status, 200)
                received = self.last()
                self.check_signature(received)
                token = received.header("x-amz-security-token")
                self.assertEqual(token, self.KEY[2] if provider == "session" else None)

    def test_the_body_is_bedrocks(self):
        self.upstream.default = plain(MESSAGE)
        answer = self.messages(f"bedrock/{MODEL}")
        self.assertEqual(answer.json(), MESSAGE)
        received = self.last()
        self.assertEqual(received.target, f"/model/{urllib.parse.quote(MODEL, safe='')}/invoke")
        self.assertEqual(
            received.json, {"anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["b-1", "b-2"], **ASK})
        self.assertIsNone(received.header("anthropic-version"))
        self.assertIsNone(received.header("anthropic-beta"))

    def test_a_bearer_key_is_borne(self):
        self.upstream.default = plain(MESSAGE)
        self.assertEqual(self.messages(f"bearer/{MODEL}").status, 200)
        self.assertTrue(self.last().header("authorization").startswith("Bearer "))

    def test_a_stream_is_events(self):
        self.upstream.default = stream(b"".join(map(chunk, EVENTS)))
        answer = self.messages(f"bedrock/{MODEL}", stream=True)
        self.assertEqual((answer.status, answer.header("content-type")), (200, "text/event-stream"))
        wire = b"".join(b"event: %s\ndata: %s\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in EVENTS)
        self.assertEqual(answer.body, wire)
        received = self.last()
        self.assertTrue(received.target.endswith("/invoke-with-response-stream"))
        self.assertNotIn("stream", received.json)
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual((receipt["tokens"]["input"], receipt["tokens"]["output"]), (5, 4))

    def test_a_chat_client_reaches_it(self):
        self.upstream.default = stream(b"".join(map(chunk, EVENTS)))
        body = {"model": f"bedrock/{MODEL}", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
        answer = self.tacet.post(json.dumps(body).encode(), self.key)
        self.assertIn('"content":"hällo"'.encode(), answer.body.replace(b"h\\u00e4llo", "hällo".encode()))
        self.assertTrue(answer.body.endswith(b"data: [DONE]\n\n"))
        self.assertEqual(self.last().json["anthropic_version"], "bedrock-2023-05-31")
        self.assertNotIn("model", self.last().json)

    def test_an_exception_in_a_stream_is_an_error_event(self):
        broken = frame(
            {":exception-type": "throttlingException", ":message-type": "exception"}, b'{"message":"Too many tokens"}')
        self.upstream.default = stream(b"".join(map(chunk, EVENTS[:3])) + broken)
        answer = self.messages(f"bedrock/{MODEL}", stream=True)
        last = answer.body.rstrip().split(b"\n\n")[-1]
        self.assertIn(b'"type":"rate_limit_error","message":"Too many tokens"', last)
        self.assertEqual(self.tacet.receipt(answer.request_id)["error"], "upstream_error_event")

    def test_damaged_frames_end_the_stream(self):
        wire = bytearray(b"".join(map(chunk, EVENTS[:3])))
        wire[-20] ^= 1
        self.upstream.default = stream(bytes(wire))
        answer = self.messages(f"bedrock/{MODEL}", stream=True)
        self.assertIn(b"event: error", answer.body)
        self.assertEqual(self.tacet.receipt(answer.request_id)["error"], "upstream_malformed")

    def test_errors_get_anthropics_shape(self):
        self.upstream.default = plain({"message": "The provided model identifier is invalid."}, status=400)
        answer = self.messages(f"bedrock/{MODEL}")
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.json()["error"], {
            "type": "invalid_request_error", "message": "The provided model identifier is invalid."})


class Converse(Bedrock):
    """The same provider, for a model that is not Anthropic's."""

    NOVA = "us.amazon.nova-pro-v1:0"
    ANSWER = {
        "metrics": {"latencyMs": 10}, "stopReason": "tool_use",
        "output": {"message": {"role": "assistant", "content": [
            {"text": "let me see"}, {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"x": 1}}}]}},
        "usage": {"inputTokens": 11, "outputTokens": 6, "totalTokens": 19, "cacheReadInputTokens": 2},
    }
    TOOL = {"type": "object", "properties": {"x": {"type": "integer"}}}

    # Only what differs from the parent is asked here.
    test_requests_are_signed = test_the_body_is_bedrocks = test_a_bearer_key_is_borne = None
    test_an_exception_in_a_stream_is_an_error_event = test_damaged_frames_end_the_stream = None
    test_errors_get_anthropics_shape = test_a_stream_is_events = test_a_chat_client_reaches_it = None

    def chat(self, **more):
        body = {
            "model": f"bedrock/{self.NOVA}", "max_tokens": 40,
            "messages": [
                {"role": "system", "content": "s"}, {"role": "user", "content": "q"},
                {"role": "assistant", "content": None, "tool_calls": [
                    {"id": "t0", "type": "function", "function": {"name": "f", "arguments": "{\"x\":0}"}}]},
                {"role": "tool", "tool_call_id": "t0", "content": "zero"},
            ],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": self.TOOL}}], **more,
        }
        return self.tacet.post(json.dumps(body).encode(), self.key)

    def check_request(self, operation):
        received = self.last()
        self.assertEqual(received.target, f"/model/{urllib.parse.quote(self.NOVA, safe='')}/{operation}")
        self.assertEqual([turn["role"] for turn in received.json["messages"]], ["user", "assistant", "user"])
        if SigV4Auth and "bedrock-runtime" in botocore.loaders.Loader().list_available_services("service-2"):
            # The published schema, with the member that stands in the path.
            service = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("bedrock-runtime", "service-2"))
            shape = service.shape_for("ConverseRequest")
            report = botocore.validate.ParamValidator().validate({"modelId": self.NOVA, **received.json}, shape)
            self.assertFalse(report.has_errors(), report.generate_report())
        if SigV4Auth:
            self.check_signature(received)
        return received

    def test_a_plain_answer(self):
        self.upstream.default = plain(self.ANSWER)
        answer = self.chat()
        self.assertEqual(answer.status, 200, answer.body)
        sent = self.check_request("converse").json
        self.assertEqual(sent["messages"][2]["content"], [{"toolResult": {"toolUseId": "t0", "content": [{"text": "zero"}]}}])
        self.assertEqual(sent["inferenceConfig"], {"maxTokens": 40})
        choice = answer.json()["choices"][0]
        self.assertEqual(choice["finish_reason"], "tool_calls")
        self.assertEqual(choice["message"]["content"], "let me see")
        self.assertEqual(choice["message"]["tool_calls"][0]["function"], {"name": "f", "arguments": '{"x": 1}'})
        self.assertEqual(answer.json()["usage"]["prompt_tokens"], 13)
        tokens = self.tacet.receipt(answer.request_id)["tokens"]
        self.assertEqual((tokens["input"], tokens["cache_read"], tokens["output"]), (11, 2, 6))

    def test_a_stream(self):
        events = [
            ("messageStart", {"role": "assistant"}),
            ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "häl"}}),
            ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "lo"}}),
            ("contentBlockStop", {"contentBlockIndex": 0}), ("messageStop", {"stopReason": "end_turn"}),
            ("metadata", {"usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10}, "metrics": {"latencyMs": 1}}),
        ]
        wire = b"".join(
            frame({":event-type": name, ":message-type": "event"}, json.dumps(value).encode()) for name, value in events)
        self.upstream.default = stream(wire)
        answer = self.chat(stream=True, stream_options={"include_usage": True})
        chunks = [json.loads(line[6:]) for line in answer.body.decode().split("\n\n") if line.startswith("data: {")]
        text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
        self.assertEqual(text, "hällo")
        self.assertEqual(chunks[-1]["usage"]["prompt_tokens"], 7)
        self.assertTrue(answer.body.endswith(b"data: [DONE]\n\n"))
        self.check_request("converse-stream")
        # An Anthropic client gets Anthropic's events.
        answer = self.messages(f"bedrock/{self.NOVA}", stream=True)
        self.assertIn(b"event: message_start\n", answer.body)
        self.assertIn("hällo".encode()[:4], answer.body.replace(b"\\u00e4", "ä".encode()))
        self.assertTrue(answer.body.rstrip().endswith(b'{"type":"message_stop"}'))
        tokens = self.tacet.receipt(answer.request_id)["tokens"]
        self.assertEqual((tokens["input"], tokens["output"]), (7, 3))

    def test_errors_keep_their_sentence(self):
        self.upstream.default = plain({"message": "Input is too long"}, status=400)
        answer = self.chat()
        self.assertEqual((answer.status, answer.json()["error"]["message"]), (400, "Input is too long"))

    def test_what_is_no_answer_is_refused(self):
        self.upstream.default = plain({"output": 7})
        self.expect(self.chat(), 502, "upstream_malformed")


class Vertex(Cloud):
    @classmethod
    def providers(cls):
        cls.folder = tempfile.mkdtemp(prefix="tacet-clouds-")
        key = f"{cls.folder}/key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key],
                       check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", f"{cls.folder}/public.pem"], check=True)
        account = {
            "type": "service_account", "client_email": "tacet@p.iam.gserviceaccount.com", "private_key_id": "k1",
            "private_key": open(key, encoding="ascii").read(), "token_uri": f"http://127.0.0.1:{cls.upstream.port}/token",
        }
        with open(f"{cls.folder}/sa.json", "w", encoding="ascii") as out:
            json.dump(account, out)
        cls.tokens = []
        cls.lifetime = 3600
        # Neither a chat nor a token request has a model.
        cls.upstream.scripts[None] = cls.serve
        cls.answer = plain(MESSAGE)
        at = f"base_url: http://127.0.0.1:{cls.upstream.port}, project: my-project, price: free"
        return {
            "vertex": f"{{ {at}, key: file:{cls.folder}/sa.json }}",
            "claude": f"{{ kind: vertex, dialect: anthropic, {at}, location: europe-west1, key: file:{cls.folder}/sa.json }}"
        }

    @classmethod
    def serve(cls, peer, received):
        if received.target != "/token":
            return cls.answer(peer, received)
        cls.tokens.append(received)
        granted = {"access_token": f"ya29.token-{len(cls.tokens)}", "expires_in": cls.lifetime, "token_type": "Bearer"}
        return plain(granted)(peer, received)

    def check_assertion(self, received):
        form = urllib.parse.parse_qs(received.body.decode())
        self.assertEqual(form["grant_type"], ["urn:ietf:params:oauth:grant-type:jwt-bearer"])
        text, _, signature = form["assertion"][0].rpartition(".")

        def part(value):
            return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))

        claims = json.loads(part(text.split(".")[1]))
        self.assertEqual(claims["iss"], "tacet@p.iam.gserviceaccount.com")
        self.assertEqual(claims["scope"], "https://www.googleapis.com/auth/cloud-platform")
        self.assertLess(abs(claims["iat"] - time.time()), 60)
        with open(f"{self.folder}/signature", "wb") as out:
            out.write(part(signature))
        checked = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", f"{self.folder}/public.pem", "-signature",
             f"{self.folder}/signature"], input=text.encode(), capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_a_token_is_fetched_and_borne(self):
        answer = self.messages("claude/claude-sonnet-4-5@20250929")
        self.assertEqual((answer.status, answer.json()), (200, MESSAGE))
        self.check_assertion(self.tokens[0])
        received = self.last()
        self.assertEqual(received.header("authorization"), f"Bearer ya29.token-{len(self.tokens)}")
        self.assertEqual(
            received.target, "/v1/projects/my-project/locations/europe-west1/publishers/anthropic/models/"
            "claude-sonnet-4-5@20250929:rawPredict")
        self.assertEqual(received.json, {"anthropic_version": "vertex-2023-10-16", **ASK})
        self.assertEqual(received.header("anthropic-beta"), "b-1,b-2")
        self.assertIsNone(received.header("x-api-key"))
        # Cached: more requests, no more tokens.
        before = len(self.tokens)
        for _ in range(3):
            self.assertEqual(self.messages("claude/claude-sonnet-4-5@20250929").status, 200)
        self.assertEqual(len(self.tokens), before)

    def test_a_token_is_renewed_before_it_ends(self):
        type(self).lifetime = 2
        self.tacet.command("config", "reload")
        self.eventually(lambda: len(self.tokens) >= 4, within=30, message="the token was not renewed")
        type(self).lifetime = 3600
        self.assertEqual(self.messages("claude/c").status, 200)
        # Reading the keys of the data directory finds no token.
        found = subprocess.run(["grep", "-r", "ya29.token", self.tacet.data], capture_output=True)
        self.assertEqual(found.stdout, b"")

    def test_a_stream_has_its_own_path(self):
        wire = b"".join(b"event: %s\ndata: %s\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in EVENTS)
        type(self).answer = up.raw(up.head(200, [up.SSE, ("content-length", str(len(wire)))]) + wire)
        try:
            answer = self.messages("claude/c", stream=True)
        finally:
            type(self).answer = plain(MESSAGE)
        self.assertEqual(answer.body, wire)
        received = self.last()
        self.assertTrue(received.target.endswith("/models/c:streamRawPredict"))
        self.assertIs(received.json["stream"], True)

    def test_googles_own_models(self):
        gemini = {
            "candidates": [{"content": {"role": "model", "parts": [{"text": "hi"}]}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 1, "totalTokenCount": 5},
        }
        root = "/v1/projects/my-project/locations/global/publishers/google/models/gemini-x"
        wire = b"data: %s\r\n\r\n" % json.dumps(gemini).encode()
        answers = (
            (False, plain(gemini), ":generateContent"),
            (True, up.raw(up.head(200, [up.SSE, ("content-length", str(len(wire)))]) + wire),
             ":streamGenerateContent?alt=sse"),
        )
        body = {"model": "vertex/gemini-x", "messages": [{"role": "user", "content": "q"}]}
        for streamed, script, operation in answers:
            with self.subTest(streamed=streamed):
                type(self).answer = script
                try:
                    answer = self.tacet.post(json.dumps({**body, "stream": streamed}).encode(), self.key)
                finally:
                    type(self).answer = plain(MESSAGE)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertIn(b'"content":"hi"', answer.body)
                self.assertEqual(self.last().target, root + operation)
                self.assertTrue(self.last().header("authorization").startswith("Bearer ya29."))
                self.assertEqual(self.tacet.receipt(answer.request_id)["tokens"]["input"], 4)

    def test_googles_errors_get_anthropics_shape(self):
        refusal = {"error": {"code": 400, "message": "Project is not allowed", "status": "FAILED_PRECONDITION"}}
        type(self).answer = plain(refusal, status=400)
        try:
            answer = self.messages("claude/c")
        finally:
            type(self).answer = plain(MESSAGE)
        self.assertEqual(answer.status, 400)
        self.assertEqual(
            answer.json()["error"], {"type": "invalid_request_error", "message": "Project is not allowed"})


if __name__ == "__main__":
    unittest.main()
