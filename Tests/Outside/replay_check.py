#!/usr/bin/env python3
"""Every recorded openai-chat exchange through Tacet: bytes, faults, receipts, and the official SDK.

    replay_check.py [--binary PATH] [--python VENV/bin/python] [--limit N] [--no-sdk]

Needs TACET_SHARED (the shared data) and a Python with aiohttp, orjson and, for the SDK, openai and anthropic
(TACET_REPLAY_PYTHON or --python). Without them it says so and ends with 0.
"""

import argparse
import collections
import concurrent.futures
import gzip
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import http_client  # noqa: E402
import tacet_process  # noqa: E402

#: The provider of this recording reports usage early and again in a usage-only event: the client that did not ask gets
#: one event less.
STRIPPED_VOLUNTEER = {"76cbf3abbb017e46"}


class Server:
    """The replay server as a child on a port of its own."""

    def __init__(self, python, shared):
        self.port = 9911 if port_is_free(9911) else tacet_process.free_port()
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [python, f"{shared}/replay/server.py", "--port", str(self.port)], stdout=self.output, stderr=self.output
        )
        for _ in range(600):
            if self.process.poll() is not None:
                self.output.seek(0)
                raise SystemExit(f"the replay server ended: {self.output.read().decode()[-2000:]}")
            try:
                with http_client.Connection(self.port, timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the replay server did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def port_is_free(port):
    try:
        http_client.Connection(port, timeout=1).close()
        return False
    except OSError:
        return True


def recordings(shared):
    with gzip.open(f"{shared}/replay/exchanges.jsonl.gz", "rb") as file:
        for line in file:
            row = json.loads(line)
            if row["api"] == "openai-chat":
                yield row


def request_of(row, mods=""):
    body = dict(row["request"]) if isinstance(row["request"], dict) else {}
    body["model"] = f"replay-{row['id']}{mods}"
    body.setdefault("messages", [{"role": "user", "content": "hi"}])
    if row["streaming"]:
        body["stream"] = True
    else:
        body.pop("stream", None)
    return body


def body_of(row):
    if row.get("response_b64"):
        import base64

        return base64.b64decode(row["response_b64"])
    return (row["response_body"] or "").encode()


EVENT = re.compile(rb".*?(?:\r\n\r\n|\n\n|\r\r|$)", re.S)


def parsed(event):
    for line in re.split(rb"\r\n|\n|\r", event):
        if line.startswith(b"data:"):
            try:
                value = json.loads(line[5:])
                return value if isinstance(value, dict) else None
            except ValueError:
                return None
    return None


def usages(row, body):
    """All usage objects of an answer, in order; Groq puts a stream's under `x_groq`."""
    values = [parsed(event) for event in EVENT.findall(body)] if row["streaming"] else [whole(body)]
    found = []
    for value in values:
        if isinstance(value, dict):
            places = (value.get("usage"), (value.get("x_groq") or {}).get("usage"))
            found += [usage for usage in places if isinstance(usage, dict)]
    return found


def whole(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def expected_body(row, asked):
    """The recording, less the usage-only event for a client that did not ask."""
    body = body_of(row)
    if not row["streaming"] or asked or row["status"] != 200:
        return {body}
    events = EVENT.findall(body)
    stripped = b"".join(
        event
        for event in events
        if not ((value := parsed(event)) and value.get("usage") and value.get("choices") == [])
    )
    if row["id"] in STRIPPED_VOLUNTEER:
        return {stripped}
    return {body, stripped} if stripped != body else {body}


def expected_tokens(row, body):
    """(input, output) as the recording's last word, or None when it reports none."""
    for usage in reversed(usages(row, body)):
        pair = (usage.get("prompt_tokens"), usage.get("completion_tokens"))
        if all(isinstance(value, int) for value in pair):
            # xAI reports reasoning beside the completion; the total tells which it is.
            reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0
            beside = usage.get("total_tokens") == sum(pair) + reasoning
            return (pair[0], pair[1] + reasoning) if beside else pair
    return None


class Check:
    def __init__(self, tacet, key, threads):
        self.tacet, self.key = tacet, key
        self.threads = threads
        self.local = threading.local()
        self.counts = collections.Counter()
        self.failures = []
        self.tokens = {}
        self.lock = threading.Lock()

    def post(self, body):
        """On a kept connection per thread."""
        for again in range(2):
            connection = getattr(self.local, "connection", None) or self.tacet.connect(timeout=60)
            self.local.connection = connection
            try:
                answer = self.tacet.post(body, self.key, connection=connection)
            except (OSError, http_client.ConnectionEnded):
                connection.close()
                self.local.connection = None
                if again:
                    raise
                continue
            if answer.ended in ("cut", "close") or (answer.header("connection") or "").lower() == "close":
                connection.close()
                self.local.connection = None
            return answer

    def note(self, kind, row, problem):
        with self.lock:
            self.counts[(kind, "failed" if problem else "ok")] += 1
            if problem:
                self.failures.append(f"{kind} {row['id']} {row['provider']} {row['source']}/{row['file']}: {problem}")

    def same(self, job):
        """The recording comes back byte for byte."""
        kind, row, mods = job
        request = request_of(row, mods)
        asked = bool((request.get("stream_options") or {}).get("include_usage"))
        try:
            answer = self.post(request)
        except Exception as error:  # noqa: BLE001 — told below, with the recording
            return self.note(kind, row, f"{type(error).__name__} {error}")
        quota = row["status"] == 429
        problem = None
        if answer.status != row["status"]:
            problem = f"status {answer.status} {answer.code}, recorded {row['status']}"
        elif not quota and answer.body not in expected_body(row, asked):
            problem = difference(answer.body, sorted(expected_body(row, asked), key=len)[0])
        self.note(kind, row, problem)
        if problem is None and answer.status == 200:
            with self.lock:
                self.tokens[answer.request_id] = (row, expected_tokens(row, body_of(row)))

    def fault(self, job):
        kind, row, mods = job
        try:
            answer = self.post(request_of(row, mods))
        except Exception as error:  # noqa: BLE001
            return self.note(kind, row, f"{type(error).__name__} {error}")
        problem = None
        if kind == "429":
            if (answer.status, answer.header("retry-after")) != (429, "1"):
                problem = f"{answer.status}, retry-after {answer.header('retry-after')}"
        elif kind == "500":
            if answer.status != 500 or not isinstance(answer.json().get("error"), dict):
                problem = f"{answer.status} {answer.body[:100]}"
        else:
            code = {"cut": "upstream_cut", "stall": "upstream_silent"}[kind]
            if answer.status in (502, 504):
                problem = None if answer.code == code else f"{answer.status} {answer.code}"
            else:
                last = [value for event in EVENT.findall(answer.body) if (value := parsed(event))]
                error = (last[-1].get("error") or {}) if last else {}
                if not isinstance(error, dict) or error.get("code") != code:
                    problem = f"the stream ends without {code}: {answer.body[-120:]!r}"
                elif answer.ended != "chunked" or b"[DONE]" in answer.body:
                    problem = f"ended by {answer.ended}"
        self.note(kind, row, problem)

    def run(self, function, jobs):
        with concurrent.futures.ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(function, jobs))

    def receipts(self):
        """Receipts equal the recordings' usage."""
        end = time.monotonic() + 20
        while True:
            known = {receipt["id"]: receipt for receipt in self.tacet.receipts()}
            missing = set(self.tokens) - set(known)
            if not missing or time.monotonic() > end:
                break
            time.sleep(0.3)
        for request_id, (row, expected) in self.tokens.items():
            receipt = known.get(request_id)
            if receipt is None:
                self.note("receipt", row, "missing")
                continue
            tokens = receipt["tokens"]
            found = (tokens.get("total_input", 0), tokens.get("total_output", 0))
            if expected is None:
                self.note("receipt without usage", row, None if receipt["estimated"] else f"not estimated: {found}")
            elif receipt["estimated"]:
                self.note("receipt", row, f"estimated, although the recording says {expected}")
            else:
                self.note("receipt", row, None if found == expected else f"{found}, recorded {expected}")


def difference(found, wanted):
    at = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
    return f"differs at {at} of {len(wanted)} (got {len(found)}): {found[at : at + 60]!r}, recorded {wanted[at : at + 60]!r}"


def sdk(python, shared, tacet, key, port):
    """A copy of sdkcheck.py with the gateway's key, run against the gateway."""
    with tempfile.TemporaryDirectory() as folder:
        text = pathlib.Path(shared, "replay/sdkcheck.py").read_text()
        changed = text.replace("api_key='k'", f"api_key={key!r}").replace("127.0.0.1:9911", f"127.0.0.1:{port}")
        if changed.count(repr(key)) != 2:
            raise SystemExit("sdkcheck.py has changed: its api_key was not found")
        pathlib.Path(folder, "sdkcheck.py").write_text(changed)
        pathlib.Path(folder, "digest.py").write_text(pathlib.Path(shared, "replay/digest.py").read_text())
        done = subprocess.run(
            [python, "sdkcheck.py", f"http://127.0.0.1:{tacet.api}", "openai-chat"],
            cwd=folder, capture_output=True, text=True, timeout=1800,
        )
        print(done.stdout, end="")
        if done.returncode != 0:
            print(done.stderr[-2000:], file=sys.stderr)
            return False
        rows = [line.split("\t") for line in pathlib.Path(folder, "sdkcheck-openai-chat.tsv").read_text().splitlines()]
        return judge(rows)


def judge(rows):
    """`ok…` passes; so does what the policy changes: a refused provider key is ours to tell (RULES.md 14)."""
    bad = []
    for row in rows:
        result = row[4]
        if result.startswith("ok") or re.fullmatch(r"apierror 502!=(401|402|403)", result):
            continue
        # A client that did not ask for usage sees none: the digest's usage differs, nothing else may.
        if result == "digest:usage" and row[1] == "stream":
            continue
        bad.append("  ".join(row))
    for line in bad[:20]:
        print(f"sdk: {line}", file=sys.stderr)
    return len(bad) <= KNOWN_SDK_ODDITIES


#: Recordings that the SDK cannot parse from the replay server itself either (two error answers that are no JSON).
KNOWN_SDK_ODDITIES = 2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary")
    parser.add_argument("--python", default=os.environ.get("TACET_REPLAY_PYTHON"))
    parser.add_argument("--limit", type=int, default=10**9)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--sample", type=int, default=120, help="recordings per extra framing or fault")
    parser.add_argument("--show", type=int, default=25, help="failures to print")
    parser.add_argument("--no-sdk", action="store_true")
    arguments = parser.parse_args()
    if arguments.binary:
        os.environ["TACET_BINARY"] = os.path.abspath(arguments.binary)
    shared = os.environ.get("TACET_SHARED")
    if not shared:
        print("skipped: TACET_SHARED does not name the shared data")
        return 0
    if tacet_process.missing():
        print(f"skipped: {tacet_process.missing()}")
        return 0
    python = arguments.python or sys.executable
    modules = "aiohttp, orjson" + ("" if arguments.no_sdk else ", openai, anthropic")
    if subprocess.run([python, "-c", f"import {modules}"], capture_output=True).returncode != 0:
        print(f"skipped: {python} lacks {modules} (name another in TACET_REPLAY_PYTHON)")
        return 0
    server = Server(python, shared)
    entry = f"{{ dialect: openai, base_url: http://127.0.0.1:{server.port}/v1, key: none, price: free }}"
    tacet = tacet_process.Tacet({"replay": entry}, limits="upstream_silence: 2s")
    try:
        tacet.start()
        key = tacet.key()["key"]
        rows = list(recordings(shared))[: arguments.limit]
        chance = random.Random(1)
        streams = [row for row in rows if row["streaming"] and row["status"] == 200 and len(body_of(row)) > 400]
        sample = lambda count: chance.sample(streams, min(count, len(streams)))  # noqa: E731
        check = Check(tacet, key, arguments.threads)
        began = time.monotonic()
        check.run(check.same, [("same", row, "") for row in rows])
        check.run(check.same, [("split", row, "+split") for row in sample(arguments.sample)])
        check.run(check.same, [("whole", row, "+whole") for row in sample(arguments.sample)])
        short = [row for row in sample(len(streams)) if len(EVENT.findall(body_of(row))) < 60]
        check.run(check.same, [("slow", row, "+slow") for row in short[: arguments.sample // 3]])
        check.run(check.fault, [("cut", row, "+cut") for row in sample(arguments.sample)])
        check.run(check.fault, [("429", row, "+429") for row in chance.sample(rows, min(40, len(rows)))])
        check.run(check.fault, [("500", row, "+500") for row in chance.sample(rows, min(40, len(rows)))])
        stalls = Check(tacet, key, 24)
        stalls.run(stalls.fault, [("stall", row, "+stall") for row in sample(24)])
        check.counts.update(stalls.counts)
        check.failures += stalls.failures
        check.receipts()
        took = time.monotonic() - began
        good = True
        if not arguments.no_sdk:
            good = sdk(python, shared, tacet, key, server.port)
        verified = tacet.command("receipts", "verify", check=False)
    finally:
        tacet.remove()
        server.stop()
    for (kind, result), count in sorted(check.counts.items()):
        print(f"{kind:24} {result:7} {count}")
    for line in check.failures[: arguments.show]:
        print(line, file=sys.stderr)
    print(f"{sum(check.counts.values())} checks in {took:.0f} s; receipts verify: exit {verified.returncode}")
    return 0 if good and not check.failures and verified.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
