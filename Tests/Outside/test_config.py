"""Start-up: each kind of mistake is refused with exit 2, the file and line, what was read and what is allowed."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import http_client
import scripted_upstream as up
import tacet_process

GOOD = """\
listen: {{ api: 127.0.0.1:{api}, console: 127.0.0.1:{console} }}
data: {data}
profile: {profile}
providers:
  mock: {{ dialect: openai, base_url: http://127.0.0.1:9/v1, key: none, price: free }}
"""

#: name: (what replaces a part of GOOD, or is added, the line of the mistake, words the message must have)
MISTAKES = {
    "unknown section": ("limit: { body: 1MiB }", 6, ["limit", "limits"]),
    "unknown setting": ("limits: { boddy: 1MiB }", 6, ["boddy", "body"]),
    "wrong unit": ("limits: { body: 32 parsecs }", 6, ["32 parsecs", "32MiB"]),
    "no unit": ("limits: { idle: 75 }", 6, ["75", "75s", "10s"]),
    "out of range": ("event_loops: 0", 6, ["0", "1"]),
    "wrong type": ("limits: [1, 2]", 6, ["list", "section"]),
    "unknown provider in alias": ("models:\n  fast: [mokc/x]", 7, ["mokc", "mock"]),
    "alias without slash": ("models:\n  fast: [gpt]", 7, ["gpt", "provider/model"]),
    "unknown price word": ("pricing: { unknown: cheap }", 6, ["cheap", "refuse"]),
    "half a ceiling": ("pricing: { unknown: { ceiling: { input: 1 } } }", 6, ["output"]),
    "negative price": ("pricing: { unknown: { ceiling: { input: -1, output: 1 } } }", 6, ["-1"]),
    "not YAML": ("a: [1, 2", 6, []),
    "tab": ("limits:\n\tbody: 1MiB", 7, ["tab"]),
    "twice": ("profile: aura", 6, ["profile", "once"]),
    "missing roots": ("upstream_roots: /nowhere/ca.pem", 6, ["/nowhere/ca.pem", "not exist"]),
    "unset variable": ("  more: { dialect: openai, base_url: https://h.example/v1, key: env:NOT_SET_XYZ }", 6,
                       ["NOT_SET_XYZ"]),
    "key in the file": ("  more: { dialect: openai, base_url: https://h.example/v1, key: sk-secret-in-file }", 6,
                        ["env:"]),
    "no base": ("  more: { dialect: openai, key: none }", 6, ["base_url"]),
    "ftp": ("  more: { dialect: openai, base_url: ftp://h.example, key: none }", 6, ["https://"]),
    "password in base": ("  more: { dialect: openai, base_url: https://u:p@h.example, key: none }", 6, ["password"]),
    "key in the clear": ("  more: { dialect: openai, base_url: http://h.example/v1, key: env:MOCK_KEY }", 6, ["https"]),
    "wrong dialect": ("  more: { dialect: opanai, base_url: https://h.example/v1, key: none }", 6, ["opanai", "openai"]),
    "provider name": ("  Mo re: { dialect: openai, base_url: https://h.example/v1, key: none }", 6, ["a-z"]),
}

REPLACED = {
    "profile": ("profile: {profile}", "profile: stritc", 3, ["stritc", "strict"]),
    "address": ("api: 127.0.0.1:{api}", "api: here", 1, ["here", "127.0.0.1:8400"]),
    "same port": ("console: 127.0.0.1:{console}", "console: 127.0.0.1:{api}", 1, ["twice"]),
    "empty data": ("data: {data}", 'data: ""', 2, ["path"]),
}


@unittest.skipIf(tacet_process.missing(), tacet_process.missing())
class Mistakes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tacet-config-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.facts = {
            "api": tacet_process.free_port(), "console": tacet_process.free_port(),
            "data": f"{self.folder}/data", "profile": tacet_process.profile(),
        }
        self.file = f"{self.folder}/tacet.yaml"

    def serve(self, text, timeout=60):
        pathlib.Path(self.file).write_text(text)
        return self.run_it("serve", "--config", self.file, timeout=timeout)

    def run_it(self, *arguments, timeout=60, **environment):
        try:
            return subprocess.run(
                [tacet_process.binary(), *arguments], capture_output=True, text=True, timeout=timeout, cwd=self.folder,
                env={"PATH": "/usr/bin:/bin", "HOME": self.folder, "MOCK_KEY": "sk-config-secret", **environment},
            )
        except subprocess.TimeoutExpired:
            self.fail("it started although the settings are wrong")

    def refused(self, done, line=None, words=()):
        self.assertEqual(done.returncode, 2, done.stderr)
        if line:
            self.assertIn(f"tacet.yaml:{line}", done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        for secret in ("sk-config-secret", "sk-secret-in-file", "u:p@"):
            self.assertNotIn(secret, done.stderr + done.stdout)
        self.assertNotIn("Fatal error", done.stderr)

    def test_each_kind(self):
        for name, (added, line, words) in MISTAKES.items():
            with self.subTest(mistake=name):
                self.refused(self.serve(GOOD.format(**self.facts) + added + "\n"), line, words)

    def test_each_kind_in_place(self):
        for name, (old, new, line, words) in REPLACED.items():
            with self.subTest(mistake=name):
                self.assertIn(old, GOOD)
                self.refused(self.serve(GOOD.replace(old, new).format(**self.facts)), line, words)

    def test_several_are_told_at_once(self):
        done = self.serve(GOOD.format(**self.facts) + "limits: { idle: 5, body: x }\n")
        self.refused(done, 6, ["idle", "body"])

    def test_not_utf8_and_not_there(self):
        pathlib.Path(self.file).write_bytes(b"profile: \xff\n")
        self.refused(self.run_it("serve", "--config", self.file), 1)
        done = self.run_it("serve", "--config", f"{self.folder}/none.yaml")
        self.refused(done, None, ["none.yaml"])

    def test_variables(self):
        pathlib.Path(self.file).write_text(GOOD.format(**self.facts))
        done = self.run_it("serve", "--config", self.file, TACET__LIMITS__BODY="many")
        self.refused(done, None, ["TACET__LIMITS__BODY", "many"])

    def test_nothing_to_serve(self):
        done = self.run_it("serve", "--data", f"{self.folder}/data")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("OPENAI_API_KEY", done.stderr)

    def test_example_is_valid_and_as_printed(self):
        printed = self.run_it("config", "example")
        self.assertEqual(printed.returncode, 0)
        self.assertIn("dialect: openai, base_url: https://api.openai.com/v1, key: env:OPENAI_API_KEY", printed.stdout)
        pathlib.Path(self.file).write_text(printed.stdout)
        done = self.run_it("config", "check", "--config", self.file, OPENAI_API_KEY="sk-x")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_usage_errors(self):
        for arguments in (["serve", "--nonsense"], ["nonsense"], ["keys", "create"], ["receipts", "show"]):
            with self.subTest(arguments=arguments):
                done = self.run_it(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(self.run_it("--help").returncode, 0)
        self.assertEqual(self.run_it("serve", "--help").returncode, 0)

    def test_data_directory_not_writable(self):
        if os.geteuid() == 0:
            blocker = pathlib.Path(self.folder, "file")
            blocker.write_text("")
            facts = {**self.facts, "data": f"{blocker}/data"}
        else:
            os.mkdir(f"{self.folder}/closed", 0o500)
            facts = {**self.facts, "data": f"{self.folder}/closed/data"}
        done = self.serve(GOOD.format(**facts))
        self.assertIn(done.returncode, (1, 2))
        self.assertIn(facts["data"], done.stderr)
        self.assertNotIn("Fatal error", done.stderr)

    def test_port_taken(self):
        for which in ("api", "console"):
            with self.subTest(which=which), socket.create_server(("127.0.0.1", 0)) as taken:
                port = taken.getsockname()[1]
                done = self.serve(GOOD.format(**{**self.facts, which: port}))
                self.assertIn(done.returncode, (1, 2))
                self.assertIn(str(port), done.stderr)

    def test_two_servers_on_one_data_directory(self):
        upstream = up.ScriptedUpstream()
        self.addCleanup(upstream.stop)
        with tacet_process.Tacet({"mock": tacet_process.provider(upstream)}) as first:
            done = self.serve(GOOD.format(**{**self.facts, "data": first.data}))
            self.assertIn(done.returncode, (1, 2))
            self.assertIn(first.data, done.stderr)
            self.assertEqual(first.get("/healthz").status, 200)

    def test_start_without_a_file(self):
        console, api = self.facts["console"], self.facts["api"]
        process = subprocess.Popen(
            [tacet_process.binary(), "serve"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={
                "PATH": "/usr/bin:/bin", "HOME": self.folder, "OPENAI_API_KEY": "sk-x",
                "TACET__LISTEN__API": f"127.0.0.1:{api}", "TACET__LISTEN__CONSOLE": f"127.0.0.1:{console}",
                "TACET__PROFILE": self.facts["profile"],
            },
        )
        try:
            status = None
            for _ in range(500):
                # 503 until it can be asked from the command line too.
                try:
                    with http_client.Connection(api, timeout=2) as connection:
                        connection.send(http_client.request("GET", "/healthz"))
                        status = connection.read("GET").status
                except OSError:
                    self.assertIsNone(process.poll(), "it ended")
                if status == 200:
                    break
                time.sleep(0.02)
            self.assertEqual(status, 200)
            found = [str(path) for path in pathlib.Path(self.folder).rglob("ledger.sqlite")]
            self.assertEqual(found, [f"{self.folder}/.local/share/tacet/ledger.sqlite"])
        finally:
            process.terminate()
            process.wait(15)
            process.stdout.close()


@unittest.skipIf(tacet_process.missing(), tacet_process.missing())
class FullDisk(unittest.TestCase):
    def test_a_full_disk_is_told_before_the_provider_is_called(self):
        """A small tmpfs is the disk: the journal cannot grow, and admission stops with 503 (`RULES.md` 25)."""
        if os.geteuid() != 0:
            self.skipTest("needs root to mount a small file system")
        disk = tempfile.mkdtemp(prefix="tacet-disk-")
        size = "96m"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk]).returncode != 0:
            os.rmdir(disk)
            self.skipTest("mounting is not allowed here")
        upstream = up.ScriptedUpstream()
        try:
            with tacet_process.Tacet({"mock": tacet_process.provider(upstream)}, data=f"{disk}/data") as tacet:
                key = tacet.key()["key"]
                self.assertEqual(tacet.post(tacet_process.chat("mock/x"), key).status, 200)
                room = os.statvfs(disk)
                try:
                    with open(f"{disk}/filler", "wb") as filler:
                        while True:
                            filler.write(b"\0" * 65536)
                            filler.flush()
                except OSError:
                    pass
                self.assertEqual(os.statvfs(disk).f_bavail, 0, room)
                statuses = []
                for _ in range(400):
                    answer = tacet.post(tacet_process.chat("mock/x"), key)
                    statuses.append(answer.status)
                    if answer.status == 503:
                        self.assertEqual(answer.code, "journal_full")
                        break
                # What is left of the segment serves on; what cannot be recorded is refused; nothing crashes.
                self.assertLessEqual(set(statuses), {200, 503})
                self.assertIsNone(tacet.process.poll(), tacet.said()[-500:])
                os.unlink(f"{disk}/filler")
                self.assertIsNone(tacet.process.poll())
        finally:
            upstream.stop()
            subprocess.run(["umount", "-l", disk])
            os.rmdir(disk)

    def test_no_room_to_start(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to mount a small file system")
        disk = tempfile.mkdtemp(prefix="tacet-disk-")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).returncode != 0:
            os.rmdir(disk)
            self.skipTest("mounting is not allowed here")

        class Nobody:
            port = 9

        tacet = tacet_process.Tacet({"mock": tacet_process.provider(Nobody)}, data=f"{disk}/data")
        try:
            tacet.start(wait=False)
            self.assertIn(tacet.wait(20), (1, 2))
            self.assertRegex(tacet.said(), "(?i)full|space|room")
        finally:
            tacet.remove()
            subprocess.run(["umount", "-l", disk])
            os.rmdir(disk)
