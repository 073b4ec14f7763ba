"""Marked traffic through success, every error class, cuts and crashes; then every byte that was written is searched."""

import base64
import gzip
import json
import os
import pathlib
import resource
import signal
import sqlite3
import tempfile
import time
import unittest
import zlib

import canary
import http_client
import scripted_upstream as up
import tacet_process


class TheSearchCanFail(unittest.TestCase):
    """Plants each form and finds it: a canary that cannot sing proves nothing."""

    def found(self, data):
        search = canary.Search(self.marks.needles)
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "file").write_bytes(b"before " * 50 + data + b" after" * 50)
            search.folder(folder)
        return search.found

    def setUp(self):
        self.marks = canary.Marks()
        self.text = self.marks.mark("planted")

    def test_nothing_in_clean_bytes(self):
        self.assertEqual(self.found(os.urandom(200_000)), [])

    def test_each_form(self):
        plain = self.text.encode()
        planted = {
            "plain": plain, "upper": plain.upper(), "hex": plain.hex().encode(),
            "utf-16": self.text.encode("utf-16-le"), "utf-16-be": self.text.encode("utf-16-be"),
            "json": "".join(f"\\u{ord(c):04x}" for c in self.text).encode(), "reversed": plain[::-1],
            "gzip": gzip.compress(b"x" * 30 + plain), "zlib": zlib.compress(b"y" * 30 + plain),
            "gzip of base64": gzip.compress(base64.b64encode(b"a" + plain)),
            "gzip in gzip": gzip.compress(gzip.compress(plain)),
        }
        for offset in range(3):
            planted[f"base64+{offset}"] = base64.b64encode(b"x" * offset + plain + b"tail")
            planted[f"base64url+{offset}"] = base64.urlsafe_b64encode(b"\xff" * offset + plain)
        for name, data in planted.items():
            with self.subTest(form=name):
                self.assertTrue(self.found(data))

    def test_file_names_and_secrets(self):
        secret = self.marks.secret("tct_live_0123456789abcdefghijABCDEFGHIJ0123456789ab")
        self.assertTrue(self.found(secret.encode()))
        search = canary.Search(self.marks.needles)
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, self.text).write_bytes(b"")
            search.folder(folder)
        self.assertTrue(search.found)

    def test_free_pages_of_a_database(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/x.sqlite"
            database = sqlite3.connect(path)
            database.execute("pragma secure_delete = off")
            database.execute("create table t (a text)")
            database.executemany("insert into t values (?)", [(self.text * 20,)] * 100)
            database.commit()
            database.execute("delete from t")
            database.commit()
            database.close()
            search = canary.Search(self.marks.needles)
            search.folder(folder)
            self.assertTrue(search.found)


@unittest.skipIf(tacet_process.missing(), tacet_process.missing())
class Canary(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.marks = canary.Marks()
        mark = self.marks.mark
        self.provider_key = self.marks.secret("sk-proj-" + mark("providerkey") + mark("more"))
        self.upstream = up.ScriptedUpstream()
        self.addCleanup(self.upstream.stop)
        self.tacet = tacet_process.Tacet(
            {"mock": tacet_process.provider(self.upstream)},
            limits="upstream_first_byte: 800ms, upstream_silence: 600ms, header_time: 1s",
            environment={"MOCK_KEY": self.provider_key, "LOG_LEVEL": "trace"},
        )
        os.mkdir(f"{self.tacet.folder}/tmp")
        self.tacet.environment["TMPDIR"] = f"{self.tacet.folder}/tmp"
        self.addCleanup(self.tacet.remove)
        self.answers = 0

    def body(self, model, **more):
        """A chat with a mark wherever words can stand."""
        mark = self.marks.mark
        return {
            "model": model, "user": mark("user"), "metadata": {mark("metaname"): mark("meta")},
            mark("member"): {mark("inner"): [mark("value")]}, "safety_identifier": mark("safety"),
            "messages": [
                {"role": "system", "content": mark("system")},
                {"role": "user", "name": mark("name"), "content": [
                    {"type": "text", "text": f"{mark('prompt')} \"quoted\" é"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,"
                                                               + base64.b64encode(mark("image").encode()).decode()}},
                ]},
            ],
            "tools": [{"type": "function", "function": {"name": mark("tool"), "description": mark("describe")}}],
            **more,
        }

    def send(self, model, key=None, connection=None, **more):
        mark = self.marks.mark
        headers = [
            ("User-Agent", mark("agent")), ("X-Request-Id", mark("clientid")), ("Cookie", mark("cookie")),
            ("X-" + mark("headername"), mark("header")), ("Idempotency-Key", mark("idempotency")),
            ("traceparent", mark("trace")), ("baggage", mark("baggage")), ("x-tacet-tag-team", mark("tag")),
        ]
        body = more.pop("raw", None) or json.dumps(self.body(model, **more)).encode()
        path = f"/v1/chat/completions?{mark('query')}={mark('queryvalue')}"
        try:
            answer = self.tacet.post(body, key or self.key, headers, path, connection)
            self.answers += 1
            return answer
        except (OSError, http_client.ConnectionEnded):
            return None

    def traffic(self):
        """Success and each error class."""
        mark, upstream = self.marks.mark, self.upstream
        answer = up.completion(mark("answer"), model=mark("servedmodel"), system_fingerprint=mark("fingerprint"))
        events = up.events([mark("streamed"), " ", mark("streamed")], model=mark("servedmodel"), usage=(5, 5))
        echo = json.dumps({"error": {
            "message": f"{mark('error')} your prompt {mark('echo')} key {self.provider_key}",
            "type": mark("errortype"), "code": mark("errorcode"), "param": mark("param"),
        }}).encode()
        headers = [("x-" + mark("upname"), mark("upheader")), ("set-cookie", mark("setcookie")), ("x-request-id", mark("upid"))]
        first = up.head(200, [up.SSE, ("transfer-encoding", "chunked"), *headers])
        chunk = b"%x\r\n%s\r\n" % (len(events[1]), events[1])
        scripts = {
            "ok": up.plain(answer, headers=headers),
            "stream": up.stream(events, headers=headers),
            "cutstream": up.raw(first + chunk * 3, then="reset", wait=0.05),
            "stalled": up.raw(first + chunk, then="stall"),
            "mute": up.raw(b"", then="stall"),
            "reset": up.raw(b"", then="reset"),
            "garbage": up.raw(mark("garbagehead").encode() + b"\r\n\r\n"),
            "nojson": up.plain(mark("nojson").encode()),
            "eventerror": up.stream([events[0], b"data: " + echo + b"\n\n"]),
            "gzip": up.compressed(answer),
            "redirect": up.plain(b"", status=302, headers=[("location", f"http://127.0.0.1:1/{mark('location')}")]),
            "badlength": up.raw(up.head(200, [up.JSON, ("content-length", 9999)]) + answer),
            **{f"s{status}": up.plain(echo, status=status, headers=headers)
               for status in (400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529)},
        }
        # A name that a provider answered with 2xx is known from then on, and may stand in a receipt (RULES.md 12);
        # every other name is a word.
        known = ("ok", "stream", "cutstream", "stalled", "nojson", "eventerror", "gzip", "badlength")
        upstream.default = up.plain(echo, status=404)
        for name, script in scripts.items():
            model = name if name in known else f"{name}-{mark('model')}"
            upstream.script(model, script)
            self.send(f"mock/{model}", stream=name in ("stream", "cutstream", "stalled", "eventerror"))
        # What the caller does wrong.
        self.send(mark("unknownmodel"))
        self.send(f"{mark('unknownprovider')}/{mark('model')}")
        self.send("mock/" + mark("x") + " bad name")
        for raw in (
            f'{{"model":"{mark("malformed")}",}}', f'{{"{mark("wrongtype")}":1,"model":["{mark("list")}"]}}',
            f'{{"model":"{mark("a")}","model":"{mark("b")}","messages":[]}}', "[" * 100 + f'"{mark("deep")}"',
            f'"{mark("bare")}"', f'{{"x":"{mark("utf")}\udcff"}}',
        ):
            self.send("", raw=raw.encode("utf-8", "surrogateescape"))
        self.send("mock/ok", key="sk-" + mark("wrongkey"))
        wrong = "tct_live_" + (mark("wronggatewaykey") * 2)[:38]
        self.send("mock/ok", key=wrong)
        with self.tacet.connect() as connection:
            connection.send(f"GET /v1/{mark('path')} HTTP/1.1\r\nHost: {mark('host')}\r\nX: {mark('bad')}\0\r\n\r\n".encode())
            connection.is_closed(2)
        with self.tacet.connect() as connection:
            connection.send(f"{mark('method')} / HTTP/1.1\r\n\r\n".encode())
            connection.is_closed(2)
        for path in (f"/v1/{mark('path')}", f"/v1/models/{mark('modelpath')}", f"/v1/receipts/{mark('receipt')}",
                     f"/v1/models?key={self.key}"):
            self.tacet.get(path, self.key)
        # Client cuts: mid-body, mid-stream.
        with self.tacet.connect() as connection:
            fields = [("Authorization", f"Bearer {self.key}"), ("Content-Length", 5000)]
            half = json.dumps(self.body("mock/ok")).encode()[:300]
            connection.send(http_client.request("POST", "/v1/chat/completions", fields, half, length=False))
            time.sleep(0.1)
            connection.reset()
        self.hang("clientcut", chunk, first).reset()

    def hang(self, name, chunk, first):
        """A stream that runs on; the connection that reads it."""
        model = name
        self.upstream.script(model, up.endless(chunk, first=first, gap=0.01))
        connection = self.tacet.connect()
        fields = [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json")]
        body = json.dumps(self.body(f"mock/{model}", stream=True)).encode()
        connection.send(http_client.request("POST", "/v1/chat/completions", fields, body))
        connection.until(b"data:")
        return connection

    def running(self):
        """Requests in every phase, for a crash to fall into."""
        event = up.events([self.marks.mark("incrash")])[1]
        chunk = b"%x\r\n%s\r\n" % (len(event), event)
        first = up.head(200, [up.SSE, ("transfer-encoding", "chunked")])
        open_ = [self.hang(f"crash{index}", chunk, first) for index in range(4)]
        fields = [("Authorization", f"Bearer {self.key}"), ("Content-Length", 100_000)]
        for _ in range(4):
            connection = self.tacet.connect()
            half = json.dumps(self.body("mock/ok")).encode()
            connection.send(http_client.request("POST", "/v1/chat/completions", fields, half, length=False))
            open_.append(connection)
        time.sleep(0.2)
        return open_

    def test_marked_traffic_leaves_no_trace(self):
        # Core dumps are allowed here, so that the program itself must forbid them.
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        self.tacet.start()
        made = self.tacet.key("canary")
        self.key = self.marks.secret(made["key"])
        limits = pathlib.Path(f"/proc/{self.tacet.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        self.traffic()
        self.assertGreater(self.answers, 25)
        pages = {}
        for port, path in (
            (self.tacet.console, "/metrics"), (self.tacet.console, "/status"), (self.tacet.console, "/healthz"),
            (self.tacet.console, "/readyz"), (self.tacet.api, "/healthz"),
        ):
            with http_client.Connection(port) as connection:
                connection.send(http_client.request("GET", path))
                answer = connection.read("GET")
                pages[f"{port}{path}"] = answer.raw_head + answer.body
        time.sleep(1.2)
        for arguments in (["receipts", "list", "--json"], ["keys", "list", "--json"], ["provider"], ["receipts", "verify"]):
            done = self.tacet.command(*arguments, check=False)
            pages["tacet " + " ".join(arguments)] = done.stdout + done.stderr
        # While it runs: journal, write-ahead log, everything.
        self.search(pages)
        # Crashes with words in memory. Each restart recovers what the last one left.
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP):
            with self.subTest(signal=number.name):
                connections = self.running()
                self.tacet.signal(number)
                code = self.tacet.wait(30)
                for connection in connections:
                    connection.close()
                self.assertNotEqual(code, 0)
                said = self.tacet.said()
                self.assertNotRegex(said, r"(?i)\b(rax|rip|registers|backtrace)\b|crashed:")
                self.tacet.start()
        self.assertEqual(self.tacet.stop(), 0)
        self.search(pages)
        ledger = sqlite3.connect(f"file:{self.tacet.data}/ledger.sqlite?mode=ro", uri=True)
        self.assertEqual(ledger.execute("pragma integrity_check").fetchone()[0], "ok")
        ledger.close()

    def search(self, pages):
        search = canary.Search(self.marks.needles)
        search.folder(self.tacet.folder)
        for place, data in pages.items():
            search.data(data, place)
        self.assertGreater(search.bytes, 10_000, "there was nothing to search")
        self.assertEqual(search.not_checked, [])
        self.assertEqual(
            [], [f"{place}: {form} at {at}: {around!r}" for place, form, at, around in search.found]
        )


if __name__ == "__main__":
    unittest.main()
