"""A server with a mail sink behind it, for the console's tests in a real browser."""
import email
import email.policy
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Outside"))

import ledger_file

PASSWORD = "correct horse battery staple"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class MailSink:
    """A small SMTP server: keeps what it is given. Stopped, its port refuses."""

    def __init__(self):
        self.port = free_port()
        self.mails = []
        self.listener = None
        self.start()

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        threading.Thread(target=self.serve, args=(self.listener,), daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        with connection, connection.makefile("rwb", 0) as lines:
            lines.write(b"220 sink\r\n")
            while line := lines.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    lines.write(b"354 go on\r\n")
                    body = b""
                    while (line := lines.readline()) not in (b".\r\n", b""):
                        body += line
                    self.mails.append(email.message_from_bytes(body, policy=email.policy.default))
                lines.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
                if verb == b"QUIT":
                    return

    def wait(self, count, seconds=15):
        deadline = time.time() + seconds
        while time.time() < deadline:
            if len(self.mails) >= count:
                return self.mails[count - 1]
            time.sleep(0.05)
        raise AssertionError(f"{len(self.mails)} mails came, not {count}")


class Site:
    """`tacet serve` on free ports in a folder of its own."""

    def __init__(self, binary, mail=None, extra=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tacet-console-"))
        self.api, self.console = free_port(), free_port()
        config = self.folder / "tacet.yaml"
        alerts = ""
        if mail:
            alerts = (
                f'alerts: {{ mail: {{ server: "smtp://127.0.0.1:{mail.port}", from: tacet@example.org, '
                "to: [ops@example.org] } }\n"
            )
        config.write_text(
            f"listen: {{ api: 127.0.0.1:{self.api}, console: 127.0.0.1:{self.console} }}\n"
            "profile: outlay\nswap: allowed\n"
            "providers:\n"
            "  local: { dialect: openai, base_url: http://127.0.0.1:9/v1, key: none, price: free }\n"
            "  openai: { dialect: openai, base_url: http://127.0.0.1:9/v1, key: vault }\n"
            "models:\n"
            "  fast: [openai/gpt-5-mini, local/qwen3]\n"
            "  shared: [[local/qwen3, openai/gpt-5-nano], openai/gpt-5-mini]\n"
            + alerts + extra
        )
        self.command = [binary, "serve", "--config", config, "--data", self.folder / "data"]
        self.set_up = None
        self.start()

    def start(self):
        environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}
        self.said = []
        self.process = subprocess.Popen(
            self.command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
        )
        reader = threading.Thread(target=self.listen, args=(self.process.stderr,), daemon=True)
        reader.start()
        deadline = time.time() + 60
        while not self.has_started() and time.time() < deadline and self.process.poll() is None:
            time.sleep(0.05)
        if not self.has_started():
            raise AssertionError("not started: " + "".join(self.said))

    def has_started(self):
        return self.set_up and any("tacet started" in line for line in self.said)

    def listen(self, lines):
        for line in lines:
            self.said.append(line)
            found = re.search(r"http://\S+/set-up/\S+", line)
            if found:
                self.set_up = found[0]

    def restart(self):
        self.process.terminate()
        self.process.wait(40)
        self.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.console}"

    def ask(self, method, path, form=None, headers=None, cookie=None):
        """The answer's status, fields and text; redirects are not followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.console, timeout=30)
        fields = {"origin": self.address, **(headers or {})}
        fields = {name: value for name, value in fields.items() if value is not None}
        if cookie:
            fields["cookie"] = f"__Host-tacet={cookie}"
        if form is not None:
            fields["content-type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, form, fields)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def send(self, key, words="Hello"):
        connection = http.client.HTTPConnection("127.0.0.1", self.api, timeout=30)
        body = json.dumps({"model": "sandbox/echo", "messages": [{"role": "user", "content": words}]})
        fields = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        connection.request("POST", "/v1/chat/completions", body, fields)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, text
        return answer.getheader("x-tacet-request-id")

    def fill(self, days=30):
        """Sums of a month, as if models that cost had been used: the charts then have something to show."""
        with sqlite3.connect(self.folder / "data" / "ledger.sqlite", timeout=10) as ledger:
            key = ledger.execute("SELECT id FROM gateway_keys LIMIT 1").fetchone()[0]
            today = int(time.time()) // 86_400
            for number, name in enumerate(("gpt-6", "claude-sonnet-5.5", "gemini-3.5-flash", "gpt-6-luna", "deepseek-v4")):
                ledger.execute("INSERT OR REPLACE INTO models VALUES (?, ?)", (1000 + number, name))
                for day in range(days):
                    cost = (7 - number) * (3 + (day * 7 + number * 3) % 11) * 120_000_000
                    ledger.execute(
                        "INSERT OR REPLACE INTO usage_days VALUES (?, 1, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)",
                        ((today - day) * 86_400_000_000, key, 1000 + number, 40 + day, day % 3, 90_000 * (number + 1),
                         30_000, 12_000, cost, cost, cost // 3, 40_000_000),
                    )
            ledger_file.sum_days(ledger)

    def forget_proofs(self):
        """The newest session last proved who it is a day ago."""
        with sqlite3.connect(self.folder / "data" / "ledger.sqlite", timeout=10) as ledger:
            ledger.execute(
                "UPDATE sessions SET confirmed_at = confirmed_at - 86400000000"
                " WHERE created_at = (SELECT max(created_at) FROM sessions)"
            )

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
