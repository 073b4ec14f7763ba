"""Realtime sessions: the handshake, frames both ways, what is metered, and every way in which one ends."""

import json
import os
import queue
import signal
import socket
import subprocess
import threading
import time

import http_client
import scripted_upstream as up
import tacet_process
import websocket as ws
from outside_case import OutsideCase

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
USAGE = {
    "total_tokens": 180, "input_tokens": 150, "output_tokens": 30,
    "input_token_details": {"text_tokens": 100, "audio_tokens": 50, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 10, "audio_tokens": 20},
}  # fmt: skip
#: Of gpt-realtime: 100 × 4,000 + 50 × 32,000 + 10 × 16,000 + 20 × 64,000 nano-USD.
COST = 3_440_000


class RealtimeCase(OutsideCase):
    """A provider of OpenAI's dialect under the price book, whose sessions the tests hold at the other end."""

    @classmethod
    def providers(cls):
        return {"openai": f"{{ base_url: http://127.0.0.1:{cls.upstream.port}/v1, key: env:MOCK_KEY }}"}

    def setUp(self):
        self.upstream.default = self.serve
        self.upstream.scripts = {}
        self.sessions = queue.Queue()
        self.over = threading.Event()
        self.addCleanup(self.over.set)

    def serve(self, peer, received):
        self.received = received
        key = received.header("sec-websocket-key")
        if not key:
            return up.plain()(peer, received)
        fields = [("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", ws.accept(key))]
        peer.send(up.head(101, fields, reason="Switching Protocols"))
        over = self.over
        self.sessions.put(ws.Side(peer.socket, masks=False))
        over.wait(30)
        peer.close()

    def handshake(self, path="/v1/realtime?model=openai/gpt-realtime", headers=None, version="13", key=None):
        """The client's socket and the whole answer head."""
        sock = socket.create_connection(("127.0.0.1", self.tacet.api), timeout=60)
        self.addCleanup(sock.close)
        headers = [("Authorization", f"Bearer {key or self.key}")] if headers is None else headers
        fields = [("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade"), ("Sec-WebSocket-Key", KEY),
                  ("Sec-WebSocket-Version", version), *headers]
        sock.sendall(http_client.request("GET", path, fields))
        head = b""
        while b"\r\n\r\n" not in head:
            data = sock.recv(65536)
            if not data:
                break
            head += data
        head, _, rest = head.partition(b"\r\n\r\n")
        return ws.Side(sock, rest), head.decode("latin1")

    def open(self, **more):
        """A running session: the client's end, the provider's, and the request's id."""
        client, head = self.handshake(**more)
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head + str(client.buffer))
        self.assertIn(f"sec-websocket-accept: {ws.accept(KEY)}", head)
        request = head.split("x-tacet-request-id: ")[1].split("\r\n")[0]
        return client, self.sessions.get(timeout=60), request

    def refused(self, status, code=None, **more):
        client, head = self.handshake(**more)
        self.assertEqual(head.split(" ")[1], str(status), head)
        length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
        error = json.loads(client.take(length))["error"]
        self.assertEqual(error["code"], code, error)
        return head, error

    def respond(self, provider, usage=USAGE):
        provider.send_event(type="response.created", response={"id": "resp_1"})
        provider.send_event(type="response.output_text.delta", delta="Hello")
        provider.send_event(type="response.done", response={"id": "resp_1", "status": "completed", "usage": usage})

    def finish(self, client, provider, code=1000):
        client.socket.sendall(ws.close(code))
        self.assertEqual(provider.close_code(), code)
        self.assertEqual(client.close_code(), code)


class Sessions(RealtimeCase):
    def test_a_session_is_metered(self):
        client, provider, request = self.open()
        self.assertEqual(self.received.target, "/v1/realtime?model=gpt-realtime")
        self.assertEqual(self.received.header("authorization"), f"Bearer {tacet_process.PROVIDER_KEY}")
        self.assertEqual(self.received.header("sec-websocket-protocol"), None)
        self.assertNotEqual(self.received.header("sec-websocket-key"), KEY)
        provider.send_event(type="session.created", session={
            "model": "gpt-realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}})
        self.assertEqual(client.event()["type"], "session.created")
        client.send_event(type="response.create")
        self.assertEqual(provider.event(), {"type": "response.create"})
        self.respond(provider)
        provider.send_event(type="conversation.item.input_audio_transcription.completed", transcript="x",
                            usage={"type": "duration", "seconds": 10})
        for kind in ("response.created", "response.output_text.delta", "response.done"):
            self.assertEqual(client.event()["type"], kind)
        client.event()
        self.finish(client, provider)
        receipt = self.tacet.receipt(request)
        self.assertEqual((receipt["endpoint"], receipt["status"], receipt["completion"], receipt["estimated"]),
                         ("/v1/realtime", 101, "complete", False))
        tokens = {name: count for name, count in receipt["tokens"].items() if count and not name.startswith("total_")}
        self.assertEqual(tokens, {"input": 100, "input_audio": 50, "output": 10, "output_audio": 20,
                                  "milliseconds": 10_000})
        # Whisper costs 0.0001 USD a second.
        self.assertEqual(receipt["provider_cost_nano_usd"], COST + 1_000_000)

    def test_frames_pass_as_they_are(self):
        client, provider, _ = self.open()
        sent = [
            (False, ws.TEXT, b'{"type":"x","y":"\xf0\x9f'), (True, ws.PING, b"p"), (False, 0, b"\x98"),
            (True, 0, b'\x80"}'), (True, ws.BINARY, b"\xff" * 70_000), (True, ws.TEXT, b""), (True, ws.PONG, b""),
            (True, ws.TEXT, b"[" * 300),
        ]  # fmt: skip
        for near, far, masked in ((client, provider, True), (provider, client, False)):
            data = b"".join(ws.frame(opcode, payload, masked, final) for final, opcode, payload in sent)
            pieces = [data[at : at + 1] for at in range(64)] + [data[64:]]
            for piece in pieces:
                near.socket.sendall(piece)
            self.assertEqual([far.read() for _ in sent], sent)
        self.finish(client, provider, 4001)

    def test_browsers_show_their_key_as_a_protocol(self):
        offered = f"realtime, openai-insecure-api-key.{self.key}, openai-beta.realtime-v1"
        client, head = self.handshake(headers=[("Sec-WebSocket-Protocol", offered)])
        self.assertIn("sec-websocket-protocol: realtime\r\n", head)
        self.assertEqual(self.received.header("sec-websocket-protocol"), "realtime")
        self.assertEqual(self.received.header("openai-beta"), "realtime=v1")
        self.assertNotIn(self.key.encode(), self.received.head)
        self.finish(client, self.sessions.get(timeout=60))

    def test_a_reader_that_does_not_read(self):
        client, provider, _ = self.open()
        before, sent = self.tacet.resident(), 0
        provider.socket.settimeout(1)
        try:
            while sent < 64 << 20:
                sent += provider.socket.send(ws.frame(ws.BINARY, bytes(60_000), masked=False))
        except TimeoutError:
            pass
        self.assertLess(sent, 32 << 20, "nothing stopped the provider")
        self.assertLess(self.tacet.resident() - before, 24 << 20)

    def test_refusals(self):
        self.refused(401, "missing_api_key", headers=[])
        self.refused(401, "malformed_api_key", headers=[("Sec-WebSocket-Protocol", "openai-insecure-api-key.sk-x")])
        self.refused(400, "missing_member", path="/v1/realtime")
        self.refused(404, "model_not_priced", path="/v1/realtime?model=openai/nothing")
        head, _ = self.refused(426, "upgrade_required", version="8")
        self.assertIn("upgrade: websocket", head)
        answer = self.tacet.get("/v1/realtime?model=openai/gpt-realtime", self.key)
        self.assertEqual((answer.status, answer.code), (426, "upgrade_required"))
        self.assertEqual(self.tacet.post({}, self.key, path="/v1/realtime").status, 405)
        self.assertTrue(self.sessions.empty())

    def test_what_providers_answer_instead(self):
        def answer(status, body=b'{"error":{"message":"m","type":"t","code":"c","param":null}}', fields=()):
            def script(peer, received):
                fit = [("content-type", "application/json"), ("content-length", str(len(body))), *fields]
                peer.send(up.head(status, fit) + body)
            return script  # fmt: skip

        for status, told, code in ((400, 400, "c"), (401, 502, "upstream_refused_key"), (200, 502, "upstream_malformed")):
            with self.subTest(status=status):
                self.upstream.default = answer(status)
                self.refused(told, code)
        self.upstream.default = lambda peer, received: peer.send(up.head(101, [
            ("upgrade", "websocket"), ("connection", "upgrade"), ("sec-websocket-accept", ws.accept(KEY))]))
        self.refused(502, "upstream_malformed")


class Ends(RealtimeCase):
    limits = "upstream_silence: 700ms, upstream_total: 20s"

    def test_what_is_no_websocket_traffic(self):
        cases = [
            (ws.frame(ws.TEXT, b"x", masked=False), 1002), (ws.frame(ws.TEXT, b"x", reserved=4), 1002),
            (ws.frame(3, b"x"), 1002), (ws.frame(0, b"x"), 1002), (ws.frame(ws.PING, b"x", final=False), 1002),
            (ws.frame(ws.TEXT, b"\xc0\x80"), 1007), (ws.frame(ws.TEXT, b"x", length=17 << 20), 1009),
            (ws.frame(ws.TEXT, b"x", final=False) + ws.frame(ws.TEXT, b"y"), 1002), (ws.frame(ws.CLOSE, b"\x03"), 1002),
        ]  # fmt: skip
        for data, code in cases:
            with self.subTest(data=data[:16]):
                client, provider, request = self.open()
                client.socket.sendall(data)
                self.assertEqual(client.close_code(), code)
                self.assertEqual(provider.close_code(), 1001)
        self.assertEqual(self.tacet.receipt(request)["error"], "malformed_request")

    def test_a_provider_that_breaks_the_rules(self):
        client, provider, request = self.open()
        provider.socket.sendall(ws.frame(ws.TEXT, b"{}", masked=True))
        error = client.event()
        self.assertEqual((error["type"], error["error"]["code"]), ("error", "upstream_malformed"))
        self.assertEqual(client.close_code(), 1011)
        self.assertEqual(provider.close_code(), 1002)
        self.assertEqual(self.tacet.receipt(request)["error"], "upstream_malformed")

    def test_a_client_that_goes(self):
        client, provider, request = self.open()
        provider.send_event(type="response.created", response={})
        provider.send_event(type="response.output_text.delta", delta="word " * 40)
        client.event(), client.event()
        client.socket.close()
        start = time.monotonic()
        self.assertEqual(provider.close_code(), 1001)
        self.assertLess(time.monotonic() - start, 20)
        receipt = self.tacet.receipt(request)
        self.assertEqual((receipt["error"], receipt["completion"], receipt["estimated"]), ("client_gone", "cut", True))
        self.assertGreater(receipt["tokens"]["output"], 30)

    def test_a_provider_that_goes(self):
        client, provider, request = self.open()
        provider.socket.shutdown(socket.SHUT_RDWR)
        self.assertEqual(client.event()["error"]["code"], "upstream_cut")
        self.assertEqual(client.close_code(), 1011)
        self.assertEqual(self.tacet.receipt(request)["completion"], "failed")

    def test_nothing_stands_between_fragments(self):
        client, provider, _ = self.open()
        provider.send(ws.TEXT, b"{", final=False)
        self.assertEqual(client.read(), (False, ws.TEXT, b"{"))
        provider.socket.shutdown(socket.SHUT_RDWR)
        self.assertEqual(client.read()[1], ws.CLOSE)

    def test_silence(self):
        client, provider, _ = self.open()
        for _ in range(4):
            time.sleep(0.4)
            client.send(ws.PING, b"")
            self.assertEqual(provider.read()[1], ws.PING)
        self.assertEqual(client.event()["error"]["code"], "upstream_silent")
        self.assertEqual(client.close_code(), 1011)
        self.assertEqual(provider.close_code(), 1001)


class Money(RealtimeCase):
    def test_what_may_be_generated_is_held(self):
        # One response of gpt-realtime is at most 32,000 × 32 + 4,096 × 64 USD a million: 1.29 USD.
        poor = self.tacet.key("poor", "--budget", "1")["key"]
        self.refused(402, "budget_exhausted", key=poor)
        enough = self.tacet.key("enough", "--budget", "3")["key"]
        client, provider, request = self.open(key=enough)
        client.send_event(type="response.create")
        self.assertEqual(provider.event()["type"], "response.create")
        self.respond(provider)
        self.assertEqual([client.event()["type"] for _ in range(3)][2], "response.done")
        client.send_event(type="response.create")
        client.send_event(type="response.create")
        self.assertEqual(client.event()["error"]["code"], "budget_exhausted")
        self.assertEqual(client.close_code(), 1008)
        self.assertEqual(provider.event()["type"], "response.create")
        self.assertEqual(provider.close_code(), 1001)
        receipt = self.tacet.receipt(request)
        self.assertEqual((receipt["provider_cost_nano_usd"], receipt["error"]), (COST, "budget_exhausted"))

    def test_revocation_ends_it(self):
        made = self.tacet.key("revoked")
        client, provider, _ = self.open(key=made["key"])
        self.tacet.command("keys", "revoke", made["id"])
        self.assertEqual(client.event()["error"]["code"], "revoked_api_key")
        self.assertEqual((client.close_code(), provider.close_code()), (1008, 1001))


class Draining(RealtimeCase):
    may_end = True

    def test_quiet_sessions_end_and_others_may_finish(self):
        quiet = self.open()
        busy = self.open()
        busy[1].send_event(type="response.created", response={})
        busy[0].event()
        self.tacet.signal(signal.SIGTERM)
        self.assertEqual(quiet[0].event()["error"]["code"], "draining")
        self.assertEqual((quiet[0].close_code(), quiet[1].close_code()), (1001, 1001))
        busy[1].send_event(type="response.done", response={"usage": USAGE})
        self.assertEqual(busy[0].event()["type"], "response.done")
        self.assertEqual(busy[0].event()["error"]["code"], "draining")
        self.assertEqual(busy[0].close_code(), 1001)
        self.assertEqual(self.tacet.wait(), 0)
        self.assertEqual(self.tacet.receipt(busy[2])["provider_cost_nano_usd"], COST)


CLIENT = """
import json, sys
import openai
client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key=sys.argv[2], max_retries=0)
heard = []
with client.realtime.connect(model="openai/gpt-realtime") as connection:
    connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    connection.conversation.item.create(item={
        "type": "message", "role": "user", "content": [{"type": "input_text", "text": "ping"}]})
    connection.response.create()
    for event in connection:
        heard.append(event.type)
        if event.type == "response.output_text.delta":
            heard.append(event.delta)
        if event.type == "response.done":
            heard.append(event.response.usage.output_token_details.audio_tokens)
            break
print(json.dumps(heard))
"""


class OfficialClient(RealtimeCase):
    def test_openai(self):
        python = os.environ.get("TACET_REPLAY_PYTHON")
        if not python:
            self.skipTest("TACET_REPLAY_PYTHON names no Python with the official clients")
        process = subprocess.Popen(
            [python, "-c", CLIENT, f"http://127.0.0.1:{self.tacet.api}", self.key], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)  # fmt: skip
        provider = self.sessions.get(timeout=60)
        asked = [provider.event()["type"] for _ in range(3)]
        self.assertEqual(asked, ["session.update", "conversation.item.create", "response.create"])
        self.respond(provider)
        self.assertEqual(provider.close_code(), 1000)
        out, error = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, error[-2000:])
        self.assertEqual(json.loads(out), ["response.created", "response.output_text.delta", "Hello", "response.done", 20])
