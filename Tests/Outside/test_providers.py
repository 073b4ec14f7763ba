"""Providers that fail, lie, or never end: a clear error in OpenAI's shape, a receipt, no crash, no leak of a key."""

import json

import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

EVENT = up.events(["a"])[1]
CHUNK = b"%x\r\n%s\r\n" % (len(EVENT), EVENT)
STREAM_HEAD = up.head(200, [up.SSE, ("transfer-encoding", "chunked")])


class Faults(OutsideCase):
    limits = "upstream_first_byte: 3s, upstream_silence: 2s"

    def check(self, model, script, status, codes, stream=False):
        self.upstream.script(model, script)
        answer = self.ask(model, tacet_process.chat(f"mock/{model}", stream=stream))
        self.expect(answer, status, codes)
        receipt = self.tacet.receipt(answer.request_id)
        self.assertEqual(receipt["status"], status)
        self.assertIn(receipt["error"], codes if isinstance(codes, set) else {codes})
        self.assertEqual(receipt["charge_nano_usd"], 0)
        self.assertNotIn(tacet_process.PROVIDER_KEY.encode(), answer.raw_head + answer.body)
        return answer

    def test_refusing(self):
        class Nobody:
            port = tacet_process.free_port()

        with tacet_process.Tacet({"mock": tacet_process.provider(Nobody)}) as tacet:
            answer = tacet.post(tacet_process.chat("mock/x"), tacet.key()["key"])
            self.expect(answer, 502, "upstream_unreachable")
            self.assertEqual(tacet.receipt(answer.request_id)["error"], "upstream_unreachable")

    def test_unresolvable(self):
        entry = "{ dialect: openai, base_url: https://no-such-host.invalid/v1, key: env:MOCK_KEY, price: free }"
        with tacet_process.Tacet({"mock": entry}) as tacet:
            answer = tacet.post(tacet_process.chat("mock/x"), tacet.key()["key"])
            self.expect(answer, 502, "upstream_unreachable")
            self.assertNotIn(b"invalid/v1", answer.body)

    def test_reset_and_close_without_an_answer(self):
        for then in ("reset", "close"):
            with self.subTest(then=then):
                self.check(f"none-{then}", up.raw(b"", then=then), 502, {"upstream_cut", "upstream_unreachable"})

    def test_cut_in_the_head(self):
        self.check("half-head", up.raw(b"HTTP/1.1 200 OK\r\ncontent-ty"), 502, {"upstream_cut", "upstream_malformed"})

    def test_garbage_head(self):
        for index, head in enumerate((
            b"\x00\x01\x02garbage\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc OK\r\n\r\n",
            b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 200 OK\nx: y\n\n", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n", b"HTTP/1.1 99 x\r\n\r\n",
        )):
            with self.subTest(head=head):
                self.check(f"garbage{index}", up.raw(head), 502, {"upstream_malformed", "upstream_cut"})

    def test_endless_head(self):
        self.check(
            "endless-head", up.endless(b"x: " + b"y" * 1000 + b"\r\n", first=b"HTTP/1.1 200 OK\r\n"), 502,
            {"upstream_too_large", "upstream_malformed"},
        )

    def test_endless_body_is_bounded(self):
        before = self.tacet.resident()
        first = up.head(200, [up.JSON, ("transfer-encoding", "chunked")])
        piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
        self.upstream.script("endless", up.endless(piece, first=first))
        self.expect(self.ask("endless"), 502, "upstream_too_large")
        self.assertLess(self.tacet.resident() - before, 200 << 20)
        peer = self.upstream.peers["endless"]
        self.eventually(lambda: peer.gone_at, within=30, message="the provider was never left")

    def test_endless_event_is_bounded(self):
        before = self.tacet.resident()
        first = STREAM_HEAD + b"6\r\ndata: \r\n"
        self.upstream.script("endless-event", up.endless(b"10000\r\n" + b"x" * 65536 + b"\r\n", first=first))
        answer = self.ask("endless-event", tacet_process.chat("mock/endless-event", stream=True))
        self.assertIn(b"upstream_too_large", answer.body)
        peer = self.upstream.peers["endless-event"]
        self.eventually(lambda: peer.gone_at, within=30, message="the provider was never left")
        self.assertLess(self.tacet.resident() - before, 100 << 20)

    def test_length_too_long(self):
        whole = up.completion("x")
        head = up.head(200, [up.JSON, ("content-length", len(whole) + 50)])
        self.upstream.script("too-long", up.raw(head + whole))
        try:
            answer = self.ask("too-long")
        except http_client.ConnectionEnded:
            return
        self.assertTrue(answer.status == 502 or answer.ended == "cut", (answer.status, answer.ended))

    def test_length_too_short(self):
        whole = up.completion("x")
        head = up.head(200, [up.JSON, ("content-length", 10)])
        self.upstream.script("too-short", up.raw(head + whole, then="keep"))
        answer = self.ask("too-short")
        # What follows the length is not part of this answer, nor of the next one.
        self.assertLessEqual(len(answer.body), max(10, 400))
        self.assertNotEqual(answer.body, whole)
        self.upstream.script("after-short", up.plain(whole))
        self.assertEqual(self.ask("after-short").body, whole)

    def test_two_answers_to_one_request(self):
        def twice(peer, received):
            up.plain(up.completion("mine"))(peer, received)
            try:
                up.plain(up.completion("smuggled"))(peer, received)
            except OSError:
                pass

        self.upstream.script("twice", twice)
        for _ in range(5):
            answer = self.ask("twice")
            self.assertIn(b"mine", answer.body)
        self.upstream.script("honest", up.plain(up.completion("honest")))
        for _ in range(5):
            self.assertIn(b"honest", self.ask("honest").body)

    def test_chunk_faults(self):
        head = up.head(200, [up.JSON, ("transfer-encoding", "chunked")])
        for index, body in enumerate((b"zz\r\nabc\r\n", b"-1\r\nabc\r\n", b"FFFFFFFFFFFFFFFFF\r\nabc", b"3\r\nabcXX0\r\n\r\n")):
            with self.subTest(body=body):
                self.check(f"chunk{index}", up.raw(head + body), 502, {"upstream_malformed", "upstream_cut"})

    def test_gzip_although_identity_was_asked(self):
        whole = up.completion("packed")
        self.upstream.script("gzip", up.compressed(whole))
        answer = self.ask("gzip")
        if answer.status == 200:
            self.assertEqual(answer.body, whole)
            self.assertIsNone(answer.header("content-encoding"))
        else:
            self.expect(answer, 502, "upstream_malformed")

    def test_gzip_bomb(self):
        self.upstream.script("bomb", up.compressed(b" " * (64 << 20)))
        before = self.tacet.resident()
        self.expect(self.ask("bomb"), 502, {"upstream_malformed", "upstream_too_large"})
        self.assertLess(self.tacet.resident() - before, 50 << 20)

    def test_redirects_are_not_followed(self):
        for status in (301, 302, 307, 308):
            with self.subTest(status=status):
                location = f"http://127.0.0.1:{self.upstream.port}/stolen"
                self.upstream.script(f"redirect{status}", up.plain(b"", status=status, headers=[("location", location)]))
                answer = self.ask(f"redirect{status}")
                self.expect(answer, 502, {"upstream_rejected", "upstream_malformed", "upstream_failed"})
                self.assertIsNone(answer.header("location"))
        self.assertFalse([item for item in self.upstream.log if item.target == "/stolen"])

    def test_upgrade_and_interim(self):
        self.check("upgrade", up.raw(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"), 502, "upstream_malformed")
        whole = up.completion("after interim")
        interim = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
        message = up.head(200, [up.JSON, ("content-length", len(whole))]) + whole
        self.upstream.script("interim", up.raw(interim + message, then="keep"))
        self.assertEqual(self.ask("interim").body, whole)

    def test_http10_framed_by_close(self):
        whole = up.completion("old")
        self.upstream.script("old", up.raw(b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + whole))
        self.assertEqual(self.ask("old").body, whole)

    def test_an_answer_that_is_no_json(self):
        for index, whole in enumerate((b"<html>oops</html>", b"", b'{"choices":', b"null")):
            self.upstream.script(f"no-json{index}", up.plain(whole))
            answer = self.ask(f"no-json{index}")
            if answer.status == 200:
                self.assertEqual(answer.body, whole)
            else:
                self.assertEqual((answer.status, answer.code), (502, "upstream_malformed"))
            receipt = self.tacet.receipt(answer.request_id)
            self.assertIsNotNone(receipt)

    def test_absurd_usage_is_clamped(self):
        usage = {"prompt_tokens": 10**25, "completion_tokens": -5, "total_tokens": "x"}
        whole = up.completion("x", usage=usage)
        self.upstream.script("absurd", up.plain(whole))
        answer = self.ask("absurd")
        self.assertEqual(answer.body, whole)
        tokens = self.tacet.receipt(answer.request_id)["tokens"]
        self.assertTrue(0 <= tokens["total_input"] <= 1 << 50)
        self.assertTrue(0 <= tokens["total_output"] <= 1 << 50)

    def test_cut_in_a_stream(self):
        for way in ("close", "reset"):
            with self.subTest(way=way):
                self.upstream.script(f"cut-{way}", up.raw(STREAM_HEAD + CHUNK * 3, then=way, wait=0.1))
                answer = self.ask(f"cut-{way}", tacet_process.chat(f"mock/cut-{way}", stream=True))
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.ended, "chunked", "the stream must end cleanly after the error event")
                self.assertEqual(answer.body[: 3 * len(EVENT)], EVENT * 3)
                rest = answer.body[3 * len(EVENT) :]
                error = json.loads(rest.split(b"data: ", 1)[1].split(b"\n")[0])["error"]
                self.assertEqual(error["code"], "upstream_cut")
                receipt = self.tacet.receipt(answer.request_id)
                self.assertEqual((receipt["completion"], receipt["error"]), ("cut", "upstream_cut"))
                self.assertTrue(receipt["estimated"])
                self.assertGreater(receipt["tokens"]["total_output"], 0)

    def test_a_stream_without_done(self):
        events = up.events(["a", "b"], done=False)
        self.upstream.script("no-done", up.stream(events))
        answer = self.ask("no-done", tacet_process.chat("mock/no-done", stream=True))
        self.assertTrue(answer.body.startswith(b"".join(events)))
        self.assertNotIn(b"[DONE]", answer.body)


class ProviderErrors(OutsideCase):
    def error(self, model, status, body, headers=(), **more):
        self.upstream.script(model, up.plain(body, status=status, headers=headers))
        return self.ask(model, **more)

    def test_error_bodies_of_the_caller_pass(self):
        body = b'{ "error" : {"message":"bad tools", "type":"invalid_request_error","param":"tools","code":"x"} }'
        for status in (400, 404, 409, 413, 422):
            with self.subTest(status=status):
                answer = self.error(f"e{status}", status, body)
                self.assertEqual((answer.status, answer.body), (status, body))
                self.assertEqual(self.tacet.receipt(answer.request_id)["error"], "upstream_rejected")

    def test_a_refused_provider_key_is_ours_to_tell(self):
        echo = b'{"error":{"message":"Incorrect API key provided: %s","code":"invalid_api_key"}}'
        for status in (401, 402, 403):
            with self.subTest(status=status):
                answer = self.error(f"k{status}", status, echo % tacet_process.PROVIDER_KEY.encode())
                self.expect(answer, 502, "upstream_refused_key")
                self.assertNotIn(tacet_process.PROVIDER_KEY[:16].encode(), answer.body)

    def test_an_error_that_echoes_a_part_of_the_key(self):
        key = tacet_process.PROVIDER_KEY
        for index, part in enumerate((key, key[:8], key[-8:], key[10:20])):
            with self.subTest(part=part):
                body = json.dumps({"error": {"message": f"no: {part}", "type": "t", "code": None}}).encode()
                answer = self.error(f"echo{index}", 400, body)
                self.assertNotIn(part.encode(), answer.body)
                self.assertIn("error", answer.json())

    def test_retry_after_survives(self):
        body = b'{"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}'
        answer = self.error("limited", 429, body, [("retry-after", "17")])
        self.assertEqual(answer.status, 429)
        self.assertEqual(answer.header("retry-after"), "17")
        self.assertEqual(self.tacet.receipt(answer.request_id)["error"], "upstream_rate_limited")

    def test_server_errors_keep_their_status(self):
        body = b'{"error":{"message":"boom","type":"server_error","code":null}}'
        for status in (500, 502, 503, 529):
            with self.subTest(status=status):
                answer = self.error(f"s{status}", status, body)
                self.assertEqual(answer.status, status)
                self.assertIn("error", answer.json())
                self.assertEqual(self.tacet.receipt(answer.request_id)["error"], "upstream_failed")

    def test_a_large_error_body_is_bounded(self):
        answer = self.error("huge-error", 400, b'{"error":"' + b"x" * (20 << 20) + b'"}')
        self.assertIn(answer.status, (400, 502))
