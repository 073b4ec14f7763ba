"""Starts the built program as a user would: a configuration file, a data directory, keys, and signals."""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import http_client

HOUSE = pathlib.Path(__file__).resolve().parents[2]
PROVIDER_KEY = "sk-outside-provider-key-0123456789abcdef"
# How long a start or a command may take, in seconds: a debug build on a busy machine, not what is promised.
PATIENCE = 120
GIVEN = set()


def binary():
    """The program under test, or None."""
    named = os.environ.get("TACET_BINARY")
    if named:
        return os.path.abspath(named)
    for kind in ("release", "debug"):
        path = HOUSE / ".build" / kind / "tacet"
        if path.exists():
            return str(path)
    return None


def missing():
    """Why the tests cannot run, or an empty string."""
    found = binary()
    if not found:
        return "no program: build it, or name it in TACET_BINARY"
    return "" if os.access(found, os.X_OK) else f"{found} cannot be run"


def free_port():
    """Below those that the kernel gives to connections, so that it stays free while a server restarts; never twice."""
    while True:
        port = random.randrange(10_000, 32_000)
        if port in GIVEN:
            continue
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            GIVEN.add(port)
            return port


def profile():
    """`strict` refuses a machine with unencrypted swap; elsewhere it is what is tested."""
    try:
        lines = pathlib.Path("/proc/swaps").read_text().splitlines()
    except OSError:
        lines = []
    return "aura" if len(lines) > 1 else "strict"


def self_signed(folder):
    """A certificate for localhost: (certificate path, key path)."""
    certificate, key = f"{folder}/certificate.pem", f"{folder}/key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        + ["-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    return certificate, key


class Tacet:
    """One installation: its folder, its configuration, and the server when started."""

    def __init__(self, providers, limits="", extra="", tls=None, environment=None, data=None, api=None, console=None):
        self.folder = tempfile.mkdtemp(prefix="tacet-outside-")
        self.data = data or f"{self.folder}/data"
        self.api = api or free_port()
        self.console = console or free_port()
        secure = f", tls: {{ certificate: {tls[0]}, key: {tls[1]} }}" if tls else ""
        listen = f"{{ address: 127.0.0.1:{self.api}{secure} }}" if tls else f"127.0.0.1:{self.api}"
        self.config = f"{self.folder}/tacet.yaml"
        text = [
            f"listen: {{ api: {listen}, console: 127.0.0.1:{self.console} }}",
            f"data: {self.data}",
            *([] if extra.startswith("profile:") else [f"profile: {profile()}"]),
            "providers:",
        ]
        text += [f"  {name}: {value}" for name, value in providers.items()]
        # What a provider is asked is a test's own to say.
        limits = limits if "retries" in limits else ", ".join(filter(None, ["retries: 0%", limits]))
        text.append(f"limits: {{ {limits} }}")
        pathlib.Path(self.config).write_text("\n".join(text) + "\n" + extra + "\n")
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": self.folder,
            "MOCK_KEY": PROVIDER_KEY,
            **({"LD_LIBRARY_PATH": os.environ["LD_LIBRARY_PATH"]} if "LD_LIBRARY_PATH" in os.environ else {}),
            **(environment or {}),
        }
        self.process = None
        self.serve_options = []
        self.starts = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.remove()

    def command(self, *arguments, check=True, timeout=PATIENCE, with_config=True, given=None):
        """Runs a verb, with `given` on standard input; answers the finished process with text output."""
        where = ["--config", self.config] if with_config else []
        done = subprocess.run(
            [binary(), *arguments, *where], env=self.environment, cwd=self.folder, capture_output=True, timeout=timeout,
            input=given or b"",
        )
        if check and done.returncode != 0:
            raise AssertionError(f"tacet {' '.join(arguments)}: exit {done.returncode}: {done.stderr.decode()[:2000]}")
        return done

    def start(self, wait=True, wrapper=()):
        self.starts += 1
        self.output = f"{self.folder}/output.{self.starts}"
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(
                [*wrapper, binary(), "serve", "--config", self.config, *self.serve_options],
                env=self.environment,
                cwd=self.folder,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=PATIENCE):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"tacet serve ended with {self.process.returncode}: {self.said()[:2000]}")
            try:
                with http_client.Connection(self.console, timeout=2) as connection:
                    connection.send(http_client.request("GET", "/readyz"))
                    if connection.read("GET").status == 200:
                        with socket.create_connection(("127.0.0.1", self.api), timeout=2):
                            return
            except (OSError, http_client.ConnectionEnded):
                pass
            time.sleep(0.02)
        raise AssertionError(f"tacet serve is not ready after {timeout} s: {self.said()[:2000]}")

    def said(self):
        return pathlib.Path(self.output).read_bytes().decode("utf-8", "replace")

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=PATIENCE):
        return self.process.wait(timeout)

    def stop(self, timeout=PATIENCE):
        """SIGTERM; answers the exit code."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                return self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"tacet serve did not stop within {timeout} s of SIGTERM")
        return self.process.returncode if self.process else None

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def remove(self):
        self.kill()
        if os.environ.get("TACET_KEEP"):
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def key(self, name="outside", *more):
        """Creates a key: {"id", "key", …}."""
        return json.loads(self.command("keys", "create", "--name", name, "--json", *more).stdout)

    def receipts(self):
        """Every receipt, oldest or newest first as the program has it."""
        done = self.command("receipts", "list", "--json", "--limit", "100000", check=False)
        if done.returncode != 0:
            done = self.command("receipts", "list", "--json")
        return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]

    def receipt(self, request_id, timeout=PATIENCE):
        """The receipt of a request, once it was drained."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for receipt in self.receipts():
                if receipt["id"] == request_id:
                    return receipt
            time.sleep(0.1)
        raise AssertionError(f"no receipt of {request_id} after {timeout} s")

    def resident(self):
        """Bytes of memory the server holds."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    # Requests.

    def connect(self, **more):
        return http_client.Connection(self.api, **more)

    def post(self, body, key=None, headers=(), path="/v1/chat/completions", connection=None):
        """One chat request on its own connection; `body` is bytes or a value to encode."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = [("Content-Type", "application/json"), *headers]
        if key:
            fields.append(("Authorization", f"Bearer {key}"))
        owned = connection is None
        connection = connection or self.connect()
        try:
            connection.send(http_client.request("POST", path, fields, data))
            return connection.read()
        finally:
            if owned:
                connection.close()

    def get(self, path, key=None, headers=(), method="GET"):
        fields = list(headers) + ([("Authorization", f"Bearer {key}")] if key else [])
        with self.connect() as connection:
            connection.send(http_client.request(method, path, fields))
            return connection.read(method)


def provider(upstream, key="env:MOCK_KEY", price="free", scheme="http", host="127.0.0.1"):
    """A provider entry for a scripted upstream."""
    cost = f", price: {price}" if price else ""
    return f"{{ dialect: openai, base_url: {scheme}://{host}:{upstream.port}/v1, key: {key}{cost} }}"


def chat(model, text="ping", **more):
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}
