"""Connections, clocks and signals: keep-alive to HTTP/2, cancelling, back-pressure, drain, revocation."""

import json
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase


class HTTP1(OutsideCase):
    def fields(self):
        return [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json")]

    def chat(self, model):
        return http_client.request(
            "POST", "/v1/chat/completions", self.fields(), json.dumps(tacet_process.chat(f"mock/{model}")).encode()
        )

    def test_keep_alive_on_both_sides(self):
        self.upstream.script("kept", up.plain())
        with self.tacet.connect() as connection:
            for _ in range(20):
                connection.send(self.chat("kept"))
                self.assertEqual(connection.read().status, 200)
        self.assertEqual(len({item.connection for item in self.upstream.received("kept")}), 1)

    def test_pipelining_answers_in_order(self):
        for index in range(6):
            # The first is the slowest: order must not come from luck.
            self.upstream.script(f"pipe{index}", up.plain(up.completion(f"answer {index}"), before=0.3 - index * 0.05))
        with self.tacet.connect() as connection:
            connection.send(b"".join(self.chat(f"pipe{index}") for index in range(6)))
            for index in range(6):
                answer = connection.read()
                self.assertEqual(answer.json()["choices"][0]["message"]["content"], f"answer {index}")

    def test_a_request_byte_by_byte(self):
        self.upstream.script("bytes", up.plain())
        with self.tacet.connect() as connection:
            for byte in self.chat("bytes"):
                connection.send(bytes([byte]))
            self.assertEqual(connection.read().status, 200)

    def test_expect_continue(self):
        self.upstream.script("expect", up.plain())
        body = json.dumps(tacet_process.chat("mock/expect")).encode()
        fields = [*self.fields(), ("Expect", "100-continue"), ("Content-Length", len(body))]
        with self.tacet.connect() as connection:
            connection.send(http_client.request("POST", "/v1/chat/completions", fields, length=False))
            status, _, _ = connection.head()
            self.assertEqual(status, 100)
            connection.send(body)
            self.assertEqual(connection.read().status, 200)

    def test_expect_continue_is_refused_before_the_body(self):
        fields = [("Authorization", "Bearer nonsense"), ("Expect", "100-continue"), ("Content-Length", 100)]
        with self.tacet.connect() as connection:
            connection.send(http_client.request("POST", "/v1/chat/completions", fields, length=False))
            self.assertEqual(connection.read(interim=True).status, 401)

    def test_connection_close_and_http10(self):
        self.upstream.script("close", up.plain())
        with self.tacet.connect() as connection:
            connection.send(self.chat("close").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            self.assertEqual(connection.read().status, 200)
            self.assertTrue(connection.is_closed())
        with self.tacet.connect() as connection:
            connection.send(self.chat("close").replace(b"HTTP/1.1", b"HTTP/1.0", 1))
            self.assertEqual(connection.read().status, 200)
            self.assertTrue(connection.is_closed())

    def test_a_stream_for_an_http10_client_is_closed_not_chunked(self):
        events = up.events(["a", "b"])
        self.upstream.script("ten", up.stream(events))
        body = json.dumps(tacet_process.chat("mock/ten", stream=True)).encode()
        request = http_client.request("POST", "/v1/chat/completions", self.fields(), body)
        with self.tacet.connect() as connection:
            connection.send(request.replace(b"HTTP/1.1", b"HTTP/1.0", 1))
            answer = connection.read()
        self.assertEqual((answer.ended, answer.body), ("close", b"".join(events)))

    def test_half_closed_client_still_gets_its_answer(self):
        self.upstream.script("half", up.plain(before=0.2))
        with self.tacet.connect() as connection:
            connection.send(self.chat("half"))
            connection.socket.shutdown(socket.SHUT_WR)
            try:
                status = connection.read().status
            except http_client.ConnectionEnded:
                status = None
        # A half-close may be read as having gone; it must never be half an answer.
        self.assertIn(status, (200, None))

    def test_upstream_that_closes_kept_connections(self):
        def once(peer, received):
            up.plain()(peer, received)
            peer.close()

        self.upstream.script("closing", once)
        for _ in range(10):
            self.assertEqual(self.ask("closing").status, 200)

    def test_many_at_once(self):
        self.upstream.script("many", up.plain(before=0.3))
        statuses = []

        def one():
            statuses.append(self.ask("many").status)

        threads = [threading.Thread(target=one) for _ in range(150)]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 150)
        self.assertLess(time.monotonic() - start, 20)


class HTTP2(OutsideCase):
    def curl(self, *arguments, data=None, url=None):
        done = subprocess.run(
            ["curl", "-sS", "--max-time", "20", "-w", "\n%{http_version} %{http_code}", *arguments]
            + ["-H", f"Authorization: Bearer {self.key}", "-H", "Content-Type: application/json"]
            + (["--data-binary", "@-"] if data else [])
            + [url or f"http://127.0.0.1:{self.tacet.api}/v1/chat/completions"],
            input=data,
            capture_output=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        body, _, last = done.stdout.rpartition(b"\n")
        version, status = last.decode().split(" ")
        return version, int(status), body

    def test_prior_knowledge(self):
        body = up.completion("over two")
        self.upstream.script("two", up.plain(body))
        data = json.dumps(tacet_process.chat("mock/two")).encode()
        self.assertEqual(self.curl("--http2-prior-knowledge", data=data), ("2", 200, body))

    def test_streams(self):
        events = up.events(["a", "b", "c"])
        self.upstream.script("two-stream", up.stream(events, gap=0.02))
        data = json.dumps(tacet_process.chat("mock/two-stream", stream=True)).encode()
        self.assertEqual(self.curl("--http2-prior-knowledge", "-N", data=data), ("2", 200, b"".join(events)))

    def test_a_large_body(self):
        self.upstream.script("two-large", up.plain())
        data = json.dumps(tacet_process.chat("mock/two-large", "x" * (3 << 20))).encode()
        self.assertEqual(self.curl("--http2-prior-knowledge", data=data)[:2], ("2", 200))
        self.assertEqual(
            len(self.upstream.received("two-large")[-1].json["messages"][0]["content"]), 3 << 20
        )

    def test_errors(self):
        version, status, body = self.curl("--http2-prior-knowledge", data=b"{")
        self.assertEqual((version, status), ("2", 400))
        self.assertEqual(json.loads(body)["error"]["code"], "malformed_json")


class TLS(OutsideCase):
    @classmethod
    def setUpClass(cls):
        reason = tacet_process.missing()
        if reason:
            raise unittest.SkipTest(reason)
        cls.folder = tempfile.mkdtemp(prefix="tacet-tls-")
        cls.certificate = tacet_process.self_signed(cls.folder)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(*cls.certificate)
        cls.upstream = up.ScriptedUpstream(tls=server)
        cls.tacet = tacet_process.Tacet(
            {"mock": tacet_process.provider(cls.upstream, scheme="https", host="localhost")},
            tls=cls.certificate,
            extra=f"upstream_roots: {cls.certificate[0]}",
        )
        try:
            cls.tacet.start()
            cls.key = cls.tacet.key()["key"]
        except BaseException:
            cls.tacet.remove()
            raise

    def client(self, alpn):
        context = ssl.create_default_context(cafile=self.certificate[0])
        context.set_alpn_protocols(alpn)
        return context

    def test_both_sides(self):
        body = up.completion("sealed")
        self.upstream.script("sealed", up.plain(body))
        with self.tacet.connect(tls=self.client(["http/1.1"])) as connection:
            answer = self.tacet.post(tacet_process.chat("mock/sealed"), self.key, connection=connection)
        self.expect(answer, 200)
        self.assertEqual(answer.body, body)

    def test_alpn_gives_http2(self):
        self.upstream.script("alpn", up.stream(up.events(["a"])))
        done = subprocess.run(
            ["curl", "-sS", "--http2", "--cacert", self.certificate[0], "-w", "\n%{http_version} %{http_code}"]
            + ["-H", f"Authorization: Bearer {self.key}", "-H", "Content-Type: application/json"]
            + ["-d", json.dumps(tacet_process.chat("mock/alpn", stream=True))]
            + [f"https://localhost:{self.tacet.api}/v1/chat/completions"],
            capture_output=True,
        )
        self.assertTrue(done.stdout.endswith(b"2 200"), done.stdout[-200:] + done.stderr)

    def test_concurrent_streams_on_one_connection(self):
        self.upstream.script("many", up.plain(before=0.2))
        url = f"https://localhost:{self.tacet.api}/v1/chat/completions"
        one = ["--http2", "--cacert", self.certificate[0], "-o", "/dev/null", "-w", "%{http_version} %{http_code}\n"]
        one += ["-H", f"Authorization: Bearer {self.key}", "-H", "Content-Type: application/json"]
        one += ["-d", json.dumps(tacet_process.chat("mock/many")), url]
        command = ["curl", "-sS", "--parallel", "--parallel-max", "40", *one]
        for _ in range(39):
            command += ["--next", *one]
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True)
        self.assertEqual(done.stdout.decode().split("\n")[:40], ["2 200"] * 40, done.stderr.decode()[-500:])
        self.assertLess(time.monotonic() - start, 7)

    def test_old_protocols_are_refused(self):
        context = self.client(["http/1.1"])
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with self.assertRaises((ssl.SSLError, OSError)):
            self.tacet.connect(tls=context)

    def test_plain_bytes_on_the_tls_port(self):
        with self.tacet.connect() as connection:
            connection.send(http_client.request("GET", "/healthz"))
            self.assertTrue(connection.is_closed())
        self.test_both_sides()

    def test_an_untrusted_provider_is_not_called(self):
        other = tempfile.mkdtemp(prefix="tacet-tls-")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tacet_process.self_signed(other))
        stranger = up.ScriptedUpstream(tls=context)
        entry = tacet_process.provider(stranger, scheme="https", host="localhost")
        with tacet_process.Tacet({"mock": entry}) as tacet:
            answer = tacet.post(tacet_process.chat("mock/x"), tacet.key()["key"])
            self.assertEqual((answer.status, answer.code), (502, "upstream_unreachable"))
            self.assertEqual(stranger.log, [])
        stranger.stop()


class Flow(OutsideCase):
    def begin(self, model, **more):
        connection = self.tacet.connect(**more)
        fields = [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json")]
        body = json.dumps(tacet_process.chat(f"mock/{model}", stream=True)).encode()
        connection.send(http_client.request("POST", "/v1/chat/completions", fields, body))
        return connection

    def test_cancel_upstream_when_the_client_goes(self):
        for way in ("close", "reset"):
            with self.subTest(way=way):
                model = f"cancel-{way}"
                first = up.head(200, [up.SSE, ("transfer-encoding", "chunked")])
                event = up.events(["a"])[1]
                chunk = b"%x\r\n%s\r\n" % (len(event), event)
                self.upstream.script(model, up.endless(chunk, first=first, gap=0.005))
                connection = self.begin(model)
                connection.until(b"data:")
                gone = time.monotonic()
                getattr(connection, way)()
                peer = self.upstream.peers[model]
                self.eventually(lambda: peer.gone_at, within=30, message="the provider was never left")
                self.assertLess(peer.gone_at - gone, 0.1)

    def test_cancel_before_the_head(self):
        self.upstream.script("cancel-early", up.raw(b"", then="stall"))
        connection = self.begin("cancel-early")
        self.eventually(lambda: self.upstream.received("cancel-early"))
        gone = time.monotonic()
        connection.close()
        peer = self.upstream.peers["cancel-early"]
        self.eventually(lambda: peer.gone_at, within=30, message="the provider was never left")
        self.assertLess(peer.gone_at - gone, 0.15)

    def test_a_cut_stream_has_a_receipt_for_what_was_generated(self):
        events = up.events(["word "] * 50)[:-2]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events)
        first = up.head(200, [up.SSE, ("transfer-encoding", "chunked")])
        self.upstream.script("cut-client", up.raw(first + chunks, then="stall"))
        connection = self.begin("cut-client")
        _, headers, _ = connection.head()
        connection.until(b"word")
        request_id = dict((name.lower(), value) for name, value in headers)["x-tacet-request-id"]
        time.sleep(0.2)
        connection.close()
        receipt = self.tacet.receipt(request_id)
        self.assertEqual(receipt["completion"], "cut")
        self.assertEqual(receipt["error"], "client_gone")
        self.assertTrue(receipt["estimated"])
        self.assertGreater(receipt["tokens"]["total_output"], 40)
        self.assertGreater(receipt["tokens"]["total_input"], 0)

    def test_a_slow_client_bounds_memory(self):
        first = up.head(200, [up.SSE, ("transfer-encoding", "chunked")])
        event = b'data: {"choices":[{"index":0,"delta":{"content":"' + b"x" * 16000 + b'"}}]}\n\n'
        sent = [0]

        def flood(peer, received):
            peer.send(first)
            chunk = b"%x\r\n%s\r\n" % (len(event), event)
            try:
                for _ in range(16000):  # 256 MB
                    peer.send(chunk)
                    sent[0] += len(chunk)
            except OSError:
                pass
            peer.close()

        self.upstream.script("flood", flood)
        before = self.tacet.resident()
        connections = [self.begin("flood", receive_buffer=4096) for _ in range(4)]
        for connection in connections:
            connection.until(b"data:")
        time.sleep(2)
        grown = self.tacet.resident() - before
        passed = sent[0]
        for connection in connections:
            connection.close()
        self.assertLess(grown, 32 << 20)
        # What went in is bounded by socket buffers, not by what the provider would send.
        self.assertLess(passed, 64 << 20)

    def test_a_slow_upstream_bounds_memory(self):
        gate = threading.Event()

        def slow(peer, received):
            gate.wait(10)
            up.plain()(peer, received)

        self.upstream.script("slow-up", slow)
        body = json.dumps(tacet_process.chat("mock/slow-up", "x" * (4 << 20))).encode()
        before = self.tacet.resident()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.ask("", body).status)) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        grown = self.tacet.resident() - before
        gate.set()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [200] * 8)
        self.assertLess(grown, 8 * (4 << 20) * 3)


class Clocks(OutsideCase):
    limits = "header_time: 600ms, idle: 900ms, upstream_connect: 400ms, upstream_first_byte: 700ms, upstream_silence: 500ms, upstream_total: 2s"

    def timed(self, *arguments, **more):
        start = time.monotonic()
        answer = self.ask(*arguments, **more)
        return answer, time.monotonic() - start

    def test_first_byte(self):
        self.upstream.script("mute", up.raw(b"", then="stall"))
        answer, took = self.timed("mute")
        self.expect(answer, 504, "upstream_timeout")
        self.assertTrue(0.6 < took < 20, took)
        peer = self.upstream.peers["mute"]
        self.eventually(lambda: peer.gone_at, within=30)

    def test_silence_in_a_plain_answer(self):
        self.upstream.script("silent", up.raw(up.head(200, [up.JSON, ("content-length", 100)]) + b"{", then="stall"))
        answer, took = self.timed("silent")
        self.expect(answer, 504, "upstream_silent")
        self.assertTrue(0.4 < took < 20, took)

    def test_silence_in_a_stream_ends_with_an_error_event(self):
        first = up.head(200, [up.SSE, ("transfer-encoding", "chunked")])
        event = up.events(["a"])[1]
        self.upstream.script("stalled", up.raw(first + b"%x\r\n%s\r\n" % (len(event), event), then="stall"))
        answer, took = self.timed("stalled", tacet_process.chat("mock/stalled", stream=True))
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.body.startswith(event))
        last = json.loads(answer.body[len(event) :].split(b"data: ", 1)[1].split(b"\n")[0])
        self.assertEqual(last["error"]["code"], "upstream_silent")
        self.assertTrue(0.4 < took < 20, took)

    def test_total(self):
        event = up.events(["a"])[1]
        self.upstream.script("long", up.stream([event] * 100, gap=0.2))
        answer, took = self.timed("long", tacet_process.chat("mock/long", stream=True))
        self.assertIn(b"upstream_timeout", answer.body)
        self.assertTrue(1.8 < took < 15, took)

    def test_connect(self):
        # A listener whose queue is full answers no SYN.
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)

        class Full:
            port = listener.getsockname()[1]

        entry = tacet_process.provider(Full)
        with tacet_process.Tacet({"mock": entry}, limits="upstream_connect: 400ms") as tacet:
            start = time.monotonic()
            answer = tacet.post(tacet_process.chat("mock/x"), tacet.key()["key"])
            took = time.monotonic() - start
        for filler in fillers:
            filler.close()
        listener.close()
        self.assertIn(answer.code, ("upstream_unreachable", "upstream_timeout"))
        self.assertIn(answer.status, (502, 504))
        self.assertTrue(0.3 < took < 20, took)

    def test_slow_header(self):
        with self.tacet.connect() as connection:
            start = time.monotonic()
            connection.send(b"POST /v1/chat/comp")
            self.assertTrue(connection.is_closed(within=30))
            self.assertLess(time.monotonic() - start, 20)

    def test_header_trickle(self):
        with self.tacet.connect() as connection:
            start = time.monotonic()
            try:
                connection.send(b"POST / HTTP/1.1\r\n")
                for index in range(100):
                    connection.send(b"X-%d: 1\r\n" % index)
                    time.sleep(0.05)
                    if connection.socket.recv(1, socket.MSG_DONTWAIT) is not None:
                        break
            except BlockingIOError:
                pass
            except OSError:
                pass
            self.assertTrue(connection.is_closed(within=30))
            self.assertLess(time.monotonic() - start, 20)

    def test_idle_connection_is_closed(self):
        with self.tacet.connect() as connection:
            connection.send(http_client.request("GET", "/healthz"))
            connection.read("GET")
            start = time.monotonic()
            self.assertTrue(connection.is_closed(within=30))
            self.assertGreater(time.monotonic() - start, 0.5)


class Signals(OutsideCase):
    may_end = True

    def test_drain_finishes_a_running_stream_and_refuses_new_requests(self):
        events = up.events(["a"] * 12)
        self.upstream.script("draining", up.stream(events, gap=0.15))
        with self.tacet.connect() as connection, self.tacet.connect() as kept:
            kept.send(http_client.request("GET", "/healthz"))
            kept.read("GET")
            fields = [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json")]
            body = json.dumps(tacet_process.chat("mock/draining", stream=True)).encode()
            connection.send(http_client.request("POST", "/v1/chat/completions", fields, body))
            connection.until(b"\r\n\r\n")
            self.tacet.signal(signal.SIGTERM)
            time.sleep(0.4)
            try:
                refused = self.ask("draining")
                self.assertEqual((refused.status, refused.code), (503, "draining"))
            except (ConnectionRefusedError, http_client.ConnectionEnded, ConnectionResetError):
                pass
            rest = b""
            while data := connection.receive():
                rest += data
            whole = connection.buffer + rest
            self.assertIn(b"[DONE]", whole)
            self.assertTrue(whole.endswith(b"0\r\n\r\n"))
        self.assertEqual(self.tacet.wait(15), 0)
        self.tacet.start()
        self.assertEqual(self.tacet.command("receipts", "verify").returncode, 0)
        self.assertTrue(any(receipt["completion"] == "complete" for receipt in self.tacet.receipts()))

    def test_reload_drops_nothing(self):
        if self.tacet.process.poll() is not None:
            self.tacet.start()
        events = up.events(["a"] * 10)
        self.upstream.script("reloading", up.stream(events, gap=0.1))
        answers = []
        body = tacet_process.chat("mock/reloading", stream=True)
        thread = threading.Thread(target=lambda: answers.append(self.tacet.post(body, self.key)))
        thread.start()
        time.sleep(0.3)
        text = open(self.tacet.config).read()
        with open(self.tacet.config, "w") as file:
            file.write(text + "models:\n  renamed: [mock/reloading]\n")
        self.tacet.signal(signal.SIGHUP)
        thread.join()
        self.assertEqual(answers[0].body, b"".join(events))
        self.eventually(lambda: self.tacet.get("/v1/models/renamed", self.key).status == 200)
        with open(self.tacet.config, "w") as file:
            file.write("listen: 5\n")
        self.tacet.signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertEqual(self.tacet.get("/v1/models/renamed", self.key).status, 200)
        with open(self.tacet.config, "w") as file:
            file.write(text)
        self.tacet.signal(signal.SIGHUP)


class Keys(OutsideCase):
    def test_a_revoked_key_is_refused_within_a_second(self):
        made = self.tacet.key("to-revoke")
        self.upstream.script("revoked", up.plain())
        body = tacet_process.chat("mock/revoked")
        self.assertEqual(self.tacet.post(body, made["key"]).status, 200)
        self.tacet.command("keys", "revoke", made["id"])
        done = time.monotonic()
        self.eventually(lambda: self.tacet.post(body, made["key"]).status == 401, within=30)
        self.assertLess(time.monotonic() - done, 5)
        self.expect(self.tacet.post(body, made["key"]), 401, "revoked_api_key")

    def test_revoking_ends_a_running_stream(self):
        made = self.tacet.key("to-cut")
        event = up.events(["a"])[1]
        self.upstream.script("cut-key", up.stream([event] * 200, gap=0.05))
        body = json.dumps(tacet_process.chat("mock/cut-key", stream=True)).encode()
        fields = [("Authorization", f"Bearer {made['key']}"), ("Content-Type", "application/json")]
        with self.tacet.connect() as connection:
            connection.send(http_client.request("POST", "/v1/chat/completions", fields, body))
            connection.until(b"data:")
            self.tacet.command("keys", "revoke", made["id"])
            done = time.monotonic()
            while not connection.buffer.endswith(b"0\r\n\r\n"):
                data = connection.receive()
                if not data:
                    break
                connection.buffer += data
            self.assertLess(time.monotonic() - done, 8)
            self.assertIn(b"revoked_api_key", connection.buffer)

    def test_rate(self):
        key = self.tacet.key("slow", "--rpm", "3")["key"]
        self.upstream.script("rate", up.plain())
        body = tacet_process.chat("mock/rate")
        answers = [self.tacet.post(body, key) for _ in range(5)]
        self.assertEqual([answer.status for answer in answers], [200, 200, 200, 429, 429])
        self.expect(answers[-1], 429, "rate_limit_exceeded")
        self.assertGreater(int(answers[-1].header("retry-after")), 0)
        self.assertEqual(len(self.upstream.received("rate")), 3)

    def test_list_shows_no_secret(self):
        made = self.tacet.key("listed")
        shown = self.tacet.command("keys", "list", "--json").stdout + self.tacet.command("keys", "list").stdout
        self.assertIn(made["id"].encode(), shown)
        self.assertNotIn(made["key"].encode(), shown)
        self.assertNotIn(made["key"][9:-6].encode(), shown)

    def test_keys_of_the_wrong_kind(self):
        self.upstream.script("wrong", up.plain())
        body = tacet_process.chat("mock/wrong")
        good = self.tacet.key("good")["key"]
        swapped = good[:12] + ("A" if good[12] != "A" else "B") + good[13:]
        for key, code in (
            (swapped, {"malformed_api_key"}),
            ("sk-something-else", {"malformed_api_key"}),
            (good[:-1], {"malformed_api_key"}),
            (good + "x", {"malformed_api_key"}),
            ("", {"missing_api_key", "malformed_api_key"}),
            ("tct_live_000000000000000000000000000000000hsBwM", {"malformed_api_key", "invalid_api_key"}),
        ):
            with self.subTest(key=key[:12]):
                answer = self.tacet.post(body, headers=[("Authorization", f"Bearer {key}")])
                self.expect(answer, 401, code)
                if len(key) > 12:
                    self.assertNotIn(key.encode(), answer.body)
        self.assertEqual(self.upstream.received("wrong"), [])

    def test_provider_lists_what_answers(self):
        shown = json.loads(self.tacet.command("provider", "--json").stdout.splitlines()[0])
        entries = shown if isinstance(shown, list) else [shown]
        self.assertTrue(any(entry["name"] == "mock" for entry in entries))


class Quiet(OutsideCase):
    def test_idle_memory(self):
        # The figure of the issue holds for the release build; a debug build is only told about.
        held = self.tacet.resident()
        if "debug" in tacet_process.binary():
            self.skipTest(f"debug build: {held >> 20} MB resident; the bound is for release")
        self.assertLessEqual(held, 40 << 20)
