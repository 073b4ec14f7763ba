"""`tacet canary`: clean on its own gateway, and not fooled by one that writes words down in any form."""

import base64
import ctypes
import ctypes.util
import gzip
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

import tacet_process

FORMS = {
    "plain": lambda data: data,
    "hex": lambda data: data.hex().encode(),
    "utf-16-le": lambda data: data.decode("latin1").encode("utf-16-le"),
    "base64": lambda data: base64.b64encode(b"xy" + data),
    "json-escaped": lambda data: "".join(f"\\u{byte:04x}" for byte in data).encode(),
    "gzip": gzip.compress,
    "gzip in gzip": lambda data: gzip.compress(b"before" + gzip.compress(data)),
    "reversed": lambda data: data[::-1],
}

ZSTD = ctypes.util.find_library("zstd")


def zstd(data):
    library = ctypes.CDLL(ZSTD)
    for name in ("ZSTD_compressBound", "ZSTD_compress"):
        getattr(library, name).restype = ctypes.c_size_t
    room = ctypes.create_string_buffer(library.ZSTD_compressBound(ctypes.c_size_t(len(data))))
    size = library.ZSTD_compress(room, ctypes.c_size_t(len(room)), data, ctypes.c_size_t(len(data)), 3)
    return room.raw[:size]


if ZSTD:
    FORMS["zstd"] = zstd


def gateway(write):
    """A gateway that answers everything and hands each body to `write`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            write(self.rfile.read(int(self.headers.get("content-length") or 0)))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            """Some clients leave in the middle: that is a part of what is tried."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@unittest.skipIf(tacet_process.missing(), tacet_process.missing())
class Canary(unittest.TestCase):
    def run_canary(self, *arguments):
        done = subprocess.run(
            [tacet_process.binary(), "canary", "--json", *arguments], capture_output=True, timeout=300)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def test_tacet_itself_is_clean(self):
        code, report = self.run_canary()
        self.assertEqual((code, report["clean"], report["leaks"]), (0, True, []), report)
        self.assertEqual(report["not_checked"], ["writes that were taken back: only with --trace"])
        self.assertGreater(report["answered"], 40)
        self.assertGreater(report["bytes"], 100_000)
        # Four rounds of a session with every kind of frame, one that breaks the rules, and one that is open at the end.
        self.assertEqual(report["sessions"], 12)

    def test_a_gateway_that_writes_is_found_in_every_form(self):
        for name, form in FORMS.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                server = gateway(lambda data: data and open(f"{folder}/log", "ab").write(form(data)))
                code, report = self.run_canary("--target", f"http://127.0.0.1:{server.server_port}", "--data", folder)
                server.shutdown()
                self.assertEqual(code, 1, report)
                self.assertTrue(any("/log" in leak["place"] for leak in report["leaks"]), report)

    @unittest.skipUnless(os.path.exists("/usr/bin/strace") and os.getuid() == 0, "needs strace and root")
    def test_what_was_written_and_removed_again_is_found_in_every_form(self):
        for name, form in FORMS.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:

                gateway_process = subprocess.Popen(
                    [sys.executable, __file__, name, folder], stdout=subprocess.PIPE, text=True)
                self.addCleanup(gateway_process.wait)
                self.addCleanup(gateway_process.kill)
                port = int(gateway_process.stdout.readline())
                self.addCleanup(gateway_process.stdout.close)
                options = ("--target", f"http://127.0.0.1:{port}", "--data", folder)
                code, report = self.run_canary(*options, "--pid", str(gateway_process.pid), "--trace")
                self.assertEqual(code, 1, report)
                self.assertTrue(any(".gone" in leak["place"] for leak in report["leaks"]), report)

    def test_a_deleted_file_that_is_held_open_is_searched(self):
        with tempfile.TemporaryFile() as hidden:
            server = gateway(lambda data: (hidden.write(data), hidden.flush()))
            target = f"http://127.0.0.1:{server.server_port}"
            code, report = self.run_canary("--target", target, "--pid", str(os.getpid()))
            server.shutdown()
        self.assertEqual(code, 1)
        self.assertTrue(any("/fd/" in leak["place"] for leak in report["leaks"]))

    def test_a_silent_gateway_is_clean_and_a_dead_one_shows_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "log").write_bytes(b"GET / 200\n" * 100)
            server = gateway(lambda data: None)
            target = f"http://127.0.0.1:{server.server_port}"
            self.assertEqual(self.run_canary("--target", target, "--data", folder)[0], 0)
            server.shutdown()
            server.server_close()
            self.assertEqual(self.run_canary("--target", target, "--data", folder)[0], 1)
        self.assertEqual(self.run_canary("--target", target)[0], 2)


def write_and_remove(form, folder):
    """A gateway in a process of its own, which takes back what it wrote."""

    def write(data):
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".gone") as file:
            file.write(form(data))

    print(gateway(write).server_port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in FORMS:
        write_and_remove(FORMS[sys.argv[1]], sys.argv[2])
    unittest.main()
