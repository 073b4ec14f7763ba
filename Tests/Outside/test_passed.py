"""Endpoints that pass to a provider of the same dialect: bytes, splices, forms, objects, metering."""

import base64
import json
import os
import subprocess
import threading
import time

import http2_front
import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

BOUNDARY = "----b0undary"


def form(parts, boundary=BOUNDARY, end=True):
    """A multipart body of (name, value) and (name, value, file name)."""
    out = b""
    for name, value, *file in parts:
        more = f'; filename="{file[0]}"\r\nContent-Type: application/octet-stream' if file else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        out += head.encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return out + (f"--{boundary}--\r\n".encode() if end else b"")


def answer(body, kind="application/json", status=200, headers=()):
    return up.raw(
        up.head(status, [("content-type", kind), ("content-length", len(body)), *headers]) + body, then="keep"
    )


def of(value):
    return answer(json.dumps(value).encode())


class PassedCase(OutsideCase):
    """One provider of OpenAI's dialect with the price book's prices, one of Anthropic's."""

    @classmethod
    def providers(cls):
        return {
            "openai": f"{{ base_url: http://127.0.0.1:{cls.upstream.port}/v1, key: env:MOCK_KEY }}",
            "anthropic": f"{{ base_url: http://127.0.0.1:{cls.upstream.port}, key: env:MOCK_KEY }}",
        }

    def setUp(self):
        self.routes = {}
        self.upstream.default = self.serve
        self.upstream.scripts = {}

    def serve(self, peer, received):
        script = self.routes.get((received.method, received.target)) or self.routes.get(received.target)
        (script or answer(b'{"error":{"message":"no such route"}}', status=404))(peer, received)

    def send(self, path, body=None, method="POST", headers=(), key=None, connection=None):
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = [("Authorization", f"Bearer {key or self.key}"), *headers]
        if body is not None and not any(name == "Content-Type" for name, _ in headers):
            fields.append(("Content-Type", "application/json"))
        with self.tacet.connect() as connection:
            connection.send(http_client.request(method, path, fields, data))
            return connection.read(method)

    def send_form(self, path, parts, boundary=BOUNDARY, **more):
        body = parts if isinstance(parts, bytes) else form(parts)
        return self.send(path, body, headers=[("Content-Type", f"multipart/form-data; boundary={boundary}")], **more)

    def last(self):
        with self.upstream.lock:
            return self.upstream.log[-1]

    def count(self):
        with self.upstream.lock:
            return sum(1 for item in self.upstream.log if item.target != "/v1/models")

    def bill(self, answer):
        """Endpoint, tokens that are not 0, and cost in nano-USD of the answer's receipt."""
        receipt = self.tacet.receipt(answer.request_id)
        tokens = {name: count for name, count in receipt["tokens"].items() if count and not name.startswith("total_")}
        return receipt["endpoint"], tokens, receipt["provider_cost_nano_usd"]


class Bodies(PassedCase):
    def test_only_the_model_changes(self):
        body = b'{ "input" : ["a",  "b"],"model":"openai/text-embedding-3-small", "x":1.50e0,"x":2}'
        told = b'{"object":"list","data":[{"embedding":"AAAA"}],"usage":{"prompt_tokens":1000,"total_tokens":1000}}\n'
        self.routes["/v1/embeddings"] = answer(told)
        done = self.expect(self.send("/v1/embeddings", body), 200)
        self.assertEqual(done.body, told)
        self.assertEqual(self.last().body, body.replace(b"openai/text", b"text"))
        self.assertEqual(self.last().header("authorization"), f"Bearer {tacet_process.PROVIDER_KEY}")
        endpoint, tokens, cost = self.bill(done)
        self.assertEqual((endpoint, tokens, cost), ("/v1/embeddings", {"input": 1000}, 20_000))

    def test_completions_plain_and_streamed(self):
        told = b'{"choices":[{"text":"hi"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'
        self.routes["/v1/completions"] = answer(told)
        body = {"model": "openai/gpt-3.5-turbo-instruct", "prompt": "say"}
        done = self.expect(self.send("/v1/completions", body), 200)
        self.assertEqual(done.body, told)
        self.assertEqual(self.bill(done)[:2], ("/v1/completions", {"input": 3, "output": 2}))
        events = [
            b'data: {"choices":[{"text":"hi"}]}\n\n',
            b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n', b"data: [DONE]\n\n",
        ]
        self.routes["/v1/completions"] = up.stream(events)
        done = self.expect(self.send("/v1/completions", {**body, "stream": True}), 200)
        self.assertEqual(done.body, events[0] + events[2])
        self.assertEqual(self.last().json["stream_options"], {"include_usage": True})
        self.assertEqual(self.bill(done)[1], {"input": 3, "output": 2})

    def test_images(self):
        told = {"created": 1, "data": [{"b64_json": "AAAA"}],
                "usage": {"input_tokens": 10, "output_tokens": 1000, "total_tokens": 1010,
                          "input_tokens_details": {"text_tokens": 10, "image_tokens": 0}}}
        self.routes["/v1/images/generations"] = of(told)
        done = self.expect(self.send("/v1/images/generations", {"model": "openai/gpt-image-1", "prompt": "x"}), 200)
        self.assertEqual(done.json(), told)
        self.assertEqual(self.bill(done)[1:3], ({"input": 10, "output_image": 1000}, 40_050_000))

    def test_streamed_images(self):
        events = [
            b"event: image_generation.partial_image\ndata: " + json.dumps(
                {"type": "image_generation.partial_image", "b64_json": "A" * 300_000}).encode() + b"\n\n",
            b"data: " + json.dumps({"type": "image_generation.completed", "b64_json": "B" * 2_000_000, "usage": {
                "input_tokens": 10, "output_tokens": 1000}}).encode() + b"\n\n",
        ]
        self.routes["/v1/images/generations"] = up.stream(events)
        body = {"model": "openai/gpt-image-1", "prompt": "x", "stream": True, "partial_images": 1}
        done = self.expect(self.send("/v1/images/generations", body), 200)
        self.assertEqual(done.body, b"".join(events))
        self.assertEqual(self.bill(done)[1], {"input": 10, "output_image": 1000})

    def test_speech_is_bytes_as_they_come(self):
        sound = os.urandom(300_000)

        def script(peer, received):
            peer.send(up.head(200, [("content-type", "audio/mpeg"), ("transfer-encoding", "chunked")]))
            for at in range(0, len(sound), 50_000):
                piece = sound[at : at + 50_000]
                peer.send(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(0.02)
            peer.send(b"0\r\n\r\n")

        self.routes["/v1/audio/speech"] = script
        body = {"model": "openai/tts-1", "input": "h\u00e9llo", "voice": "alloy"}
        done = self.expect(self.send("/v1/audio/speech", body), 200)
        self.assertEqual(done.body, sound)
        self.assertEqual(done.header("content-type"), "audio/mpeg")
        self.assertGreater(done.pieces[-1][0] - done.pieces[0][0], 0.05, "it was held back")
        endpoint, tokens, cost = self.bill(done)
        self.assertEqual((endpoint, tokens, cost), ("/v1/audio/speech", {"characters": 5}, 75_000))

    def test_speech_that_breaks_off_is_not_whole(self):
        head = up.head(200, [("content-type", "audio/mpeg"), ("transfer-encoding", "chunked")])
        self.routes["/v1/audio/speech"] = up.raw(head + b"5\r\nhello\r\n", then="close", wait=0.1)
        done = self.send("/v1/audio/speech", {"model": "openai/tts-1", "input": "x", "voice": "alloy"})
        self.assertEqual((done.body, done.ended), (b"hello", "cut"))
        self.assertEqual(self.tacet.receipt(done.request_id)["completion"], "cut")

    def test_speech_as_events(self):
        events = [b'data: {"type":"speech.audio.delta","audio":"AAAA"}\n\n',
                  b'data: {"type":"speech.audio.done","usage":{"input_tokens":14,"output_tokens":101}}\n\n']
        self.routes["/v1/audio/speech"] = up.stream(events)
        body = {"model": "openai/gpt-4o-mini-tts", "input": "x", "voice": "alloy", "stream_format": "sse"}
        done = self.expect(self.send("/v1/audio/speech", body), 200)
        self.assertEqual(done.body, b"".join(events))
        self.assertEqual(self.bill(done)[1], {"input": 14, "output_audio": 101})

    def test_moderation_without_a_model(self):
        self.routes["/v1/moderations"] = of({"results": [{"flagged": False}]})
        self.expect(self.send("/v1/moderations", {"input": "x"}), 200)
        self.assertEqual(self.last().json, {"model": "omni-moderation-latest", "input": "x"})

    def test_rerank(self):
        self.routes["/v1/rerank"] = of({"results": [], "usage": {"total_tokens": 50}})
        body = {"model": "openai/text-embedding-3-small", "query": "q", "documents": ["a", "b"]}
        done = self.expect(self.send("/v1/rerank", body), 200)
        self.assertEqual(self.bill(done)[:2], ("/v1/rerank", {"input": 50}))

    def test_errors_pass_in_their_dialect(self):
        told = b'{"error":{"message":"bad size","type":"invalid_request_error","param":"size","code":null}}'
        self.routes["/v1/images/generations"] = answer(told, status=400)
        done = self.send("/v1/images/generations", {"model": "openai/gpt-image-1", "prompt": "x", "size": "1"})
        self.assertEqual((done.status, done.body), (400, told))
        self.assertEqual(self.bill(done)[2], 0)

    def test_refusals(self):
        before = self.count()
        for path, body, status, code in (
            ("/v1/embeddings", {"input": "x"}, 400, "missing_member"),
            ("/v1/embeddings", b'{"model":"openai/text-embedding-3-small","model":"b"}', 400, "duplicate_member"),
            ("/v1/embeddings", b'{"model":"openai/text-embedding-3-small"', 400, "malformed_json"),
            ("/v1/embeddings", {"model": "openai/no-such-model", "input": "x"}, 404, "model_not_priced"),
            ("/v1/embeddings", {"model": "anthropic/claude-sonnet-4-5", "input": "x"}, 400, "not_served_by_provider"),
            ("/v1/audio/transcriptions", {"model": "openai/whisper-1"}, 415, "unsupported_content_type"),
            ("/v1/images/variations", {"model": "openai/gpt-image-1"}, 415, "unsupported_content_type"),
        ):
            with self.subTest(path=path, code=code):
                self.expect(self.send(path, body), status, code)
        self.expect(self.send("/v1/embeddings", method="GET"), 405, "method_not_allowed")
        self.assertEqual(self.send("/v1/files", method="DELETE").header("allow"), "POST, GET")
        self.expect(self.send("/v1/embeddings", {"model": "m", "input": "x"}, key="tct_live_nope"), 401)
        self.assertEqual(self.count(), before, "something left the gateway")


class Forms(PassedCase):
    sound = bytes(range(256)) * 8

    def setUp(self):
        super().setUp()
        self.routes["/v1/audio/transcriptions"] = of({"text": "hi", "usage": {"type": "duration", "seconds": 9}})

    def transcribe(self, parts, **more):
        return self.send_form("/v1/audio/transcriptions", parts, **more)

    def test_model_first_and_last(self):
        file = ("file", self.sound, "a.wav")
        for parts in ([("model", "openai/whisper-1"), file], [file, ("language", "en"), ("model", "openai/whisper-1")]):
            with self.subTest(first=parts[0][0]):
                done = self.expect(self.transcribe(parts), 200)
                sent = self.last()
                self.assertEqual(sent.body, form(parts).replace(b"openai/whisper-1", b"whisper-1"))
                self.assertEqual(sent.header("content-type"), f"multipart/form-data; boundary={BOUNDARY}")
                endpoint, tokens, cost = self.bill(done)
                self.assertEqual((endpoint, tokens, cost), ("/v1/audio/transcriptions", {"milliseconds": 9000}, 900_000))

    def test_a_large_form_leaves_while_it_arrives(self):
        """The model is known early: the provider hears of it long before the client is done."""
        parts = [("model", "openai/whisper-1"), ("file", os.urandom(6 << 20), "a.wav")]
        body = form(parts)
        bodies = []

        def script(peer, received):
            bodies.append(received.body)
            of({"text": "hi", "usage": {"type": "duration", "seconds": 9}})(peer, received)

        self.routes["/v1/audio/transcriptions"] = script
        connections = self.upstream.connections
        with self.tacet.connect() as connection:
            fields = [("Authorization", f"Bearer {self.key}"),
                      ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"), ("Content-Length", str(len(body)))]
            connection.send(http_client.request("POST", "/v1/audio/transcriptions", fields, length=False))
            connection.send(body[: 2 << 20])
            self.eventually(lambda: self.upstream.connections > connections, message="the call waited for the whole body")
            connection.send(body[2 << 20 :])
            done = self.expect(connection.read(), 200)
        self.assertEqual(bodies, [body.replace(b"openai/whisper-1", b"whisper-1")])
        self.assertEqual(self.bill(done)[1], {"milliseconds": 9000})

    def test_a_large_form_is_not_held(self):
        """A provider that reads slowly slows the client down; memory stays bounded."""
        size = 30 << 20
        body = form([("model", "openai/whisper-1"), ("file", b"\0" * size, "a.wav")])
        before = self.tacet.resident()
        peak = []

        class Slow(threading.Thread):
            def run(inner):
                while not inner.ended:
                    peak.append(self.tacet.resident())
                    time.sleep(0.02)

        watcher = Slow(daemon=True)
        watcher.ended = False
        watcher.start()
        try:
            self.expect(self.transcribe(body), 200)
        finally:
            watcher.ended = True
            watcher.join()
        self.assertLess(max(peak) - before, 20 << 20, "the form was held whole")

    def test_model_last_in_a_large_form(self):
        parts = [("file", os.urandom(3 << 20), "a.wav"), ("model", "openai/whisper-1")]
        self.expect(self.transcribe(parts), 200)
        self.assertEqual(self.last().body, form(parts).replace(b"openai/whisper-1", b"whisper-1"))

    def test_in_chunks(self):
        parts = [("model", "openai/whisper-1"), ("file", os.urandom(2 << 20), "a.wav")]
        with self.tacet.connect() as connection:
            fields = [("Authorization", f"Bearer {self.key}"), ("Transfer-Encoding", "chunked"),
                      ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")]
            head = http_client.request("POST", "/v1/audio/transcriptions", fields, length=False)
            connection.send(head + http_client.chunked(form(parts), [100_000]))
            self.expect(connection.read(), 200)
        self.assertEqual(self.last().body, form(parts).replace(b"openai/whisper-1", b"whisper-1"))

    def test_bad_forms_reach_nobody(self):
        good = [("model", "openai/whisper-1"), ("file", self.sound, "a.wav")]
        before = self.count()
        for why, body, code in (
            ("no model", form([("file", self.sound, "a.wav")]), "missing_member"),
            ("two models", form([*good, ("model", "openai/whisper-2")]), "duplicate_member"),
            ("another boundary", form(good, boundary="other"), "malformed_form"),
            ("truncated", form(good)[:-20], "malformed_form"),
            ("no end", form(good, end=False), "malformed_form"),
            ("bytes behind the end", form(good) + b"x", "malformed_form"),
            ("a boundary in a file", form([good[0], ("file", b"x--" + BOUNDARY.encode() + b"\r\n", "a")]), "malformed_form"),
            ("empty", b"", "malformed_form"),
        ):
            with self.subTest(why=why):
                self.expect(self.transcribe(body), 400, code)
        self.expect(self.transcribe(form(good), boundary="bad boundary@"), 415, "unsupported_content_type")
        self.assertEqual(self.count(), before, "something left the gateway")

    def test_a_large_form_that_proves_bad_reaches_nobody_whole(self):
        good = [("model", "openai/whisper-1"), ("file", os.urandom(2 << 20), "a.wav")]
        before = self.count()
        for why, body, code in (
            ("two models", form([*good, ("model", "gpt-4o-transcribe")]), "duplicate_member"),
            ("no end", form(good, end=False), "malformed_form"),
            ("another end", form(good)[:-4] + b"xx\r\n", "malformed_form"),
        ):
            with self.subTest(why=why):
                self.expect(self.transcribe(body), 400, code)
        self.assertEqual(self.count(), before, "a provider had a whole request")
        self.expect(self.transcribe(good), 200)

    def test_ten_thousand_parts(self):
        parts = [(f"f{index}", "v") for index in range(9_999)] + [("model", "openai/whisper-1")]
        self.expect(self.transcribe(parts), 200)
        self.expect(self.transcribe([("f", "v"), *parts]), 400, "out_of_range")

    def test_a_client_that_goes_in_the_middle(self):
        body = form([("model", "openai/whisper-1"), ("file", os.urandom(4 << 20), "a.wav")])
        before, connections = self.count(), self.upstream.connections
        connection = self.tacet.connect()
        fields = [("Authorization", f"Bearer {self.key}"),
                  ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"), ("Content-Length", str(len(body)))]
        connection.send(http_client.request("POST", "/v1/audio/transcriptions", fields, length=False) + body[: 2 << 20])
        self.eventually(lambda: self.upstream.connections > connections)
        connection.reset()
        self.eventually(lambda: any(r["error"] == "client_gone" for r in self.tacet.receipts()))
        self.assertEqual(self.count(), before)
        self.expect(self.transcribe([("model", "openai/whisper-1"), ("file", b"x", "a")]), 200)

    def test_a_provider_that_refuses_before_it_has_all(self):
        """An early answer passes, and the rest of the client's body does no harm."""
        told = b'{"error":{"message":"too large","type":"invalid_request_error"}}'
        message = up.head(413, [up.JSON, ("content-length", len(told)), ("connection", "close")]) + told
        import socket

        listener = socket.create_server(("127.0.0.1", 0))
        config = tacet_process.Tacet(
            {"openai": f"{{ base_url: http://127.0.0.1:{listener.getsockname()[1]}/v1, key: env:MOCK_KEY }}"})

        def serve():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                if peer.recv(4096).startswith(b"POST"):
                    peer.sendall(message)
                    time.sleep(0.5)
                peer.close()

        threading.Thread(target=serve, daemon=True).start()
        with config as tacet:
            key = tacet.key()["key"]
            body = form([("model", "openai/whisper-1"), ("file", os.urandom(8 << 20), "a.wav")])
            with tacet.connect() as connection:
                fields = [("Authorization", f"Bearer {key}"), ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")]
                head = http_client.request("POST", "/v1/audio/transcriptions", [*fields, ("Content-Length", str(len(body)))], length=False)
                connection.send(head + body[: 3 << 20])
                self.assertEqual(connection.read().body, told)
        listener.close()

    def test_answers_of_every_format(self):
        for kind, told in (
            ("text/plain; charset=utf-8", b"hello there\n"), ("text/plain", b"1\n00:00:00,000 --> 00:00:03,500\nhi\n"),
            ("text/vtt", b"WEBVTT\n\n00:00.000 --> 00:03.500\nhi\n"),
            ("application/json", b'{"task":"transcribe","duration":3.5,"text":"hi","segments":[]}'),
        ):
            with self.subTest(kind=kind):
                self.routes["/v1/audio/transcriptions"] = answer(told, kind)
                done = self.expect(self.transcribe([("model", "openai/whisper-1"), ("file", b"x", "a")]), 200)
                self.assertEqual((done.body, done.header("content-type")), (told, kind))
                if b"3.5" in told or b"3,5" in told:
                    self.assertEqual(self.bill(done)[1], {"milliseconds": 3500})

    def test_streamed_transcript(self):
        events = [b'data: {"type":"transcript.text.delta","delta":"hi"}\n\n',
                  b'data: {"type":"transcript.text.done","text":"hi","usage":{"type":"tokens","input_tokens":14,'
                  b'"input_token_details":{"audio_tokens":14},"output_tokens":2}}\n\n', b"data: [DONE]\n\n"]
        self.routes["/v1/audio/transcriptions"] = up.stream(events)
        for size in (100, 2 << 20):
            with self.subTest(size=size):
                parts = [("model", "openai/gpt-4o-transcribe"), ("file", b"\0" * size, "a"), ("stream", "true")]
                done = self.expect(self.transcribe(parts), 200)
                self.assertEqual(done.body, b"".join(events))
                self.assertEqual(self.bill(done)[1], {"input_audio": 14, "output": 2})

    def test_image_edits_as_a_form(self):
        self.routes["/v1/images/edits"] = of({"data": [{"b64_json": "A"}], "usage": {
            "input_tokens": 300, "output_tokens": 100, "input_tokens_details": {"image_tokens": 290, "text_tokens": 10}}})
        parts = [("image[]", b"png", "a.png"), ("image[]", b"png", "b.png"), ("prompt", "x"), ("model", "openai/gpt-image-1")]
        done = self.expect(self.send_form("/v1/images/edits", parts), 200)
        self.assertEqual(self.bill(done)[1], {"input": 10, "input_image": 290, "output_image": 100})


class UploadsOverHTTP2(PassedCase):
    """A form that leaves while it arrives, from a client and to a provider that speak HTTP/2."""

    @classmethod
    def providers(cls):
        cls.front = http2_front.Front(cls.upstream.port)
        cls.addClassCleanup(cls.front.stop)
        cls.extra = f"upstream_roots: {cls.front.certificate}"
        return {"openai": f"{{ base_url: https://localhost:{cls.front.port}/v1, key: env:MOCK_KEY }}"}

    def test_every_byte_arrives(self):
        told = {"text": "hi", "usage": {"type": "duration", "seconds": 9}}
        self.routes["/v1/audio/transcriptions"] = of(told)
        for size in (1000, 300_000, 5 << 20):
            sound = os.urandom(size)
            body = form([("model", "openai/whisper-1"), ("file", sound, "a.wav"), ("prompt", "p")])
            with self.subTest(size=size):
                done = subprocess.run(
                    ["curl", "-sS", "--max-time", "60", "--http2-prior-knowledge", "--data-binary", "@-"]
                    + ["-H", f"Authorization: Bearer {self.key}", "-w", "\n%{http_version} %{http_code}"]
                    + ["-H", f"Content-Type: multipart/form-data; boundary={BOUNDARY}"]
                    + [f"http://127.0.0.1:{self.tacet.api}/v1/audio/transcriptions"],
                    input=body, capture_output=True)  # fmt: skip
                answer, _, said = done.stdout.rpartition(b"\n")
                self.assertEqual((said, json.loads(answer)), (b"2 200", told), done.stderr)
                self.assertEqual(self.last().header("x-protocol"), "HTTP/2.0")
                self.assertEqual(self.last().body, body.replace(b"openai/whisper-1", b"whisper-1"))


class Objects(PassedCase):
    """Files, batches and stored responses belong to the organisation that made them."""

    def made(self, name="file-abc123"):
        self.routes[("POST", "/v1/files")] = of({"id": name, "object": "file", "bytes": 3, "purpose": "batch"})
        done = self.expect(self.send_form("/v1/files", [("purpose", "batch"), ("file", "{}\n", "a.jsonl")]), 200)
        return done.json()["id"]

    def test_a_files_life(self):
        name = self.made()
        self.assertRegex(name, r"^file-abc123\.[A-Za-z0-9_-]{22}$")
        self.routes[("GET", "/v1/files/file-abc123")] = of({"id": "file-abc123", "object": "file"})
        self.routes["/v1/files/file-abc123/content"] = answer(b"line\n" * 100_000, "application/octet-stream")
        self.routes[("DELETE", "/v1/files/file-abc123")] = of({"id": "file-abc123", "deleted": True})
        self.assertEqual(self.expect(self.send(f"/v1/files/{name}", method="GET"), 200).json()["id"], name)
        content = self.expect(self.send(f"/v1/files/{name}/content", method="GET"), 200)
        self.assertEqual(content.body, b"line\n" * 100_000)
        self.assertIsNone(content.header("content-disposition"))
        done = self.expect(self.send(f"/v1/files/{name}", method="DELETE"), 200)
        self.assertEqual(done.json(), {"id": name, "deleted": True})
        self.assertEqual(self.last().method, "DELETE")
        self.assertIsNone(self.last().header("content-type"))
        self.assertEqual(self.bill(done), ("/v1/files/{id}", {}, 0))

    def test_other_ids_are_unknown(self):
        name = self.made()
        before = self.count()
        wrong = name[:-1] + ("A" if name[-1] != "A" else "B")
        for bad in ("file-abc123", wrong, name + "x", "file-other." + name.split(".")[1], "..%2f..%2fchat." + name.split(".")[1]):
            with self.subTest(bad=bad):
                self.expect(self.send(f"/v1/files/{bad}", method="GET"), 404, "object_not_found")
                self.expect(self.send(f"/v1/files/{bad}/content", method="GET"), 404, "object_not_found")
                self.expect(self.send(f"/v1/files/{bad}", method="DELETE"), 404, "object_not_found")
        self.expect(self.send("/v1/batches", {"input_file_id": "file-abc123"}), 404, "object_not_found")
        self.expect(self.send("/v1/batches", {}), 400, "missing_member")
        self.expect(self.send("/v1/responses/resp_1", method="GET"), 404, "object_not_found")
        self.assertEqual(self.count(), before, "something left the gateway")

    def test_lists_are_refused(self):
        for path in ("/v1/files", "/v1/batches", "/v1/messages/batches"):
            with self.subTest(path=path):
                done = self.send(path, method="GET")
                self.assertEqual(done.status, 403)
                self.assertIn(b"shared", done.body)

    def test_a_batch(self):
        name = self.made()
        told = {"id": "batch_1", "object": "batch", "input_file_id": "file-abc123", "output_file_id": "file-out",
                "error_file_id": None, "metadata": {"id": "kept"}}
        self.routes[("POST", "/v1/batches")] = of(told)
        self.routes["/v1/batches/batch_1"] = of(told)
        self.routes["/v1/batches/batch_1/cancel"] = of({**told, "status": "cancelling"})
        body = {"input_file_id": name, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        batch = self.expect(self.send("/v1/batches", body), 200).json()
        self.assertEqual(self.last().json, {**body, "input_file_id": "file-abc123"})
        self.assertEqual(batch["input_file_id"], name)
        self.assertEqual(batch["metadata"], {"id": "kept"})
        self.routes["/v1/files/file-out/content"] = answer(b"{}\n", "application/jsonl")
        again = self.expect(self.send(f"/v1/batches/{batch['id']}", method="GET"), 200).json()
        self.assertEqual(self.expect(self.send(f"/v1/files/{again['output_file_id']}/content", method="GET"), 200).body, b"{}\n")
        self.expect(self.send(f"/v1/batches/{batch['id']}/cancel"), 200)
        limited = self.tacet.key("limited", "--budget", "5")["key"]
        self.expect(self.send("/v1/batches", body, key=limited), 403, "needs_key_without_budget")

    def test_a_batch_of_messages(self):
        told = {"id": "msgbatch_1", "type": "message_batch", "results_url": "https://api.anthropic.com/v1/x/results"}
        self.routes[("POST", "/v1/messages/batches")] = of(told)
        self.routes["/v1/messages/batches/msgbatch_1"] = of(told)
        self.routes["/v1/messages/batches/msgbatch_1/results"] = answer(b'{"custom_id":"1"}\n', "application/x-jsonl")
        params = {"model": "anthropic/claude-sonnet-4-5", "max_tokens": 5, "messages": []}
        batch = self.expect(self.send("/v1/messages/batches", {"requests": [{"custom_id": "1", "params": params}]}), 200).json()
        sent = self.last()
        self.assertEqual(sent.json["requests"][0]["params"]["model"], "claude-sonnet-4-5")
        self.assertEqual(sent.header("x-api-key"), tacet_process.PROVIDER_KEY)
        self.assertEqual(batch["results_url"], f"/v1/messages/batches/{batch['id']}/results")
        self.expect(self.send(batch["results_url"], method="GET"), 200)
        self.assertEqual(self.last().target, "/v1/messages/batches/msgbatch_1/results")
        mixed = {"requests": [{"params": params}, {"params": {**params, "model": "openai/gpt-4o"}}]}
        self.assertEqual(self.send("/v1/messages/batches", mixed).status, 400)

    def test_answers_that_cannot_be_tagged_do_not_pass(self):
        name = self.made()
        for told in (b'[{"id":"file-abc123"}]', b'{"id":"a","id":"b"}', b"<html>", b'{"id":"../x"}'):
            with self.subTest(told=told):
                self.routes[("GET", "/v1/files/file-abc123")] = answer(told)
                self.expect(self.send(f"/v1/files/{name}", method="GET"), 502, "upstream_malformed")

    def test_test_keys_reach_no_provider(self):
        key = self.tacet.key("test", "--test")["key"]
        self.expect(self.send("/v1/files", form([("file", "x", "a")]), key=key,
                              headers=[("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")]), 403, "test_key_on_live_model")


class TwoProviders(PassedCase):
    @classmethod
    def providers(cls):
        return {name: f"{{ dialect: openai, base_url: http://127.0.0.1:{cls.upstream.port}/{name}, key: env:MOCK_KEY, price: free }}"
                for name in ("one", "two")}

    def test_a_file_goes_where_it_is_told_and_is_found_again(self):
        upload = [("purpose", "x"), ("file", "x", "a")]
        done = self.expect(self.send_form("/v1/files", upload), 400, "provider_not_named")
        self.assertIn("'one' or 'two'", done.json()["error"]["message"])
        self.routes["/two/files"] = of({"id": "file-1"})
        self.routes["/two/files/file-1"] = of({"id": "file-1"})
        headers = [("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"), ("x-tacet-route", "two")]
        name = self.expect(self.send("/v1/files", form(upload), headers=headers), 200).json()["id"]
        self.expect(self.send(f"/v1/files/{name}", method="GET"), 200)
        self.assertEqual(self.last().target, "/two/files/file-1")


CLIENT = '''
import base64, io, json, sys
import anthropic, openai
base, key = sys.argv[1:]
client = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0)
out = {}
out["embedding"] = client.embeddings.create(model="openai/text-embedding-3-small", input=["a"]).data[0].embedding
out["image"] = client.images.generate(model="openai/gpt-image-1", prompt="x").data[0].b64_json
out["edit"] = client.images.edit(model="openai/gpt-image-1", image=("a.png", b"png"), prompt="x").data[0].b64_json
out["text"] = client.audio.transcriptions.create(model="openai/whisper-1", file=("a.wav", b"x" * 2_000_000)).text
with client.audio.speech.with_streaming_response.create(model="openai/tts-1", voice="alloy", input="hi") as answer:
    out["sound"] = base64.b64encode(answer.read()).decode()
out["flagged"] = client.moderations.create(input="x").results[0].flagged
out["completion"] = client.completions.create(model="openai/gpt-3.5-turbo-instruct", prompt="x").choices[0].text
file = client.files.create(file=("a.jsonl", b"{}"), purpose="batch")
out["content"] = client.files.content(file.id).text
batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
out["batch"] = client.batches.retrieve(batch.id).id == batch.id
out["deleted"] = client.files.delete(file.id).deleted
try:
    client.files.retrieve("file-foreign")
except openai.NotFoundError as error:
    out["foreign"] = error.code
messages = anthropic.Anthropic(base_url=base, api_key=key, max_retries=0).messages.batches
made = messages.create(requests=[{"custom_id": "1", "params": {
    "model": "anthropic/claude-sonnet-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}}])
out["results"] = [result.custom_id for result in messages.results(made.id)]
print(json.dumps(out))
'''


class OfficialClients(PassedCase):
    def test_openai_and_anthropic(self):
        python = os.environ.get("TACET_REPLAY_PYTHON")
        if not python:
            self.skipTest("TACET_REPLAY_PYTHON names no Python with the official clients")
        image = {"created": 1, "data": [{"b64_json": "AAAA"}], "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}
        batch = {"id": "batch_1", "object": "batch", "endpoint": "/v1/chat/completions", "input_file_id": "file-1",
                 "completion_window": "24h", "status": "validating", "created_at": 1}
        messages = {"id": "msgbatch_1", "type": "message_batch", "processing_status": "ended", "created_at": "2026-01-01T00:00:00Z",
                    "expires_at": "2026-01-02T00:00:00Z", "request_counts": {"processing": 0, "succeeded": 1, "errored": 0, "canceled": 0, "expired": 0},
                    "results_url": "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results"}
        result = {"custom_id": "1", "result": {"type": "canceled"}}
        self.routes = {
            "/v1/embeddings": of({"object": "list", "model": "m", "data": [
                {"object": "embedding", "index": 0, "embedding": base64.b64encode(b"\0\0\x80\x3f").decode()}],
                "usage": {"prompt_tokens": 1, "total_tokens": 1}}),
            "/v1/images/generations": of(image), "/v1/images/edits": of(image),
            "/v1/audio/transcriptions": of({"text": "hello"}), "/v1/audio/speech": answer(b"\1\2\3", "audio/mpeg"),
            "/v1/moderations": of({"id": "m", "model": "m", "results": [{"flagged": True, "categories": {}, "category_scores": {}}]}),
            "/v1/completions": of({"id": "c", "object": "text_completion", "created": 1, "model": "m", "choices": [
                {"index": 0, "text": "done", "finish_reason": "stop", "logprobs": None}]}),
            "/v1/files": of({"id": "file-1", "object": "file", "bytes": 2, "created_at": 1, "filename": "a", "purpose": "batch", "status": "processed"}),
            "/v1/files/file-1/content": answer(b"lines", "application/octet-stream"),
            "/v1/files/file-1": of({"id": "file-1", "object": "file", "deleted": True}),
            "/v1/batches": of(batch), "/v1/batches/batch_1": of(batch),
            "/v1/messages/batches": of(messages), "/v1/messages/batches/msgbatch_1": of(messages),
            "/v1/messages/batches/msgbatch_1/results": answer(json.dumps(result).encode() + b"\n", "application/x-jsonl"),
        }
        done = subprocess.run([python, "-c", CLIENT, f"http://127.0.0.1:{self.tacet.api}", self.key], capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr.decode()[-3000:])
        self.assertEqual(json.loads(done.stdout), {
            "embedding": [1.0], "image": "AAAA", "edit": "AAAA", "text": "hello", "sound": "AQID", "flagged": True,
            "completion": "done", "content": "lines", "batch": True, "deleted": True, "foreign": "object_not_found", "results": ["1"],
        })
