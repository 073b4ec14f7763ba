#!/usr/bin/env python3
"""Every recorded exchange of each dialect through Tacet to a provider of that dialect: bytes, faults, receipts, and the
official SDK.

    replay_check.py [--binary PATH] [--python VENV/bin/python] [--api NAME] [--limit N] [--no-sdk]

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


#: By the recordings' name of a dialect: ours, what stands in a base address, and the path clients call.
APIS = {
    "openai-chat": ("openai", "/v1", "/v1/chat/completions"),
    "anthropic-messages": ("anthropic", "", "/v1/messages"),
    "openai-responses": ("openai-responses", "/v1", "/v1/responses"),
    "gemini-generate": ("gemini", "", "/v1beta/models/{model}:{action}"),
}

#: What a recorded body may lack.
DEFAULTS = {
    "openai-chat": {"messages": [{"role": "user", "content": "hi"}]},
    "anthropic-messages": {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 64},
    "openai-responses": {"input": "hi"},
    "gemini-generate": {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
}

#: Members of recorded requests that are left out: ids of what other organisations' keys made are unknown here, and the
#: ids of a kept answer leave with a tag.
KEPT = ("previous_response_id", "conversation", "store")


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


def recordings(shared, api):
    with gzip.open(f"{shared}/replay/exchanges.jsonl.gz", "rb") as file:
        for line in file:
            row = json.loads(line)
            if row["api"] == api:
                yield row


def request_of(row, mods=""):
    """Path and body that ask for a recording."""
    body = dict(row["request"]) if isinstance(row["request"], dict) else {}
    for member in KEPT if row["api"] == "openai-responses" else ():
        body.pop(member, None)
    for member, value in DEFAULTS[row["api"]].items():
        body.setdefault(member, value)
    model = f"replay-{row['id']}{mods}"
    path = APIS[row["api"]][2]
    if row["api"] == "gemini-generate":
        # A stream that was recorded as an array is asked for as one.
        events = "" if body_of(row).lstrip()[:1] == b"[" else "?alt=sse"
        action = f"streamGenerateContent{events}" if row["streaming"] else "generateContent"
        return path.format(model=model.replace("+", "%2B"), action=action), body
    body["model"] = model
    if row["streaming"]:
        body["stream"] = True
    else:
        body.pop("stream", None)
    return path, body


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
    if row["api"] == "openai-responses":
        # The answer is over with its last event; what some servers add is chat's.
        return {body, body.removesuffix(b"data: [DONE]\n\n")}
    if row["api"] != "openai-chat" or not row["streaming"] or asked or row["status"] != 200:
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
    return EXPECTED[row["api"]](row, body)


def chat_tokens(row, body):
    for usage in reversed(usages(row, body)):
        pair = (usage.get("prompt_tokens"), usage.get("completion_tokens"))
        if all(isinstance(value, int) for value in pair):
            # xAI reports reasoning beside the completion; the total tells which it is.
            reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0
            beside = usage.get("total_tokens") == sum(pair) + reasoning
            return (pair[0], pair[1] + reasoning) if beside else pair
    return None


def values_of(row, body):
    """The objects of an answer, in order."""
    if row["streaming"] and body.lstrip()[:1] != b"[":
        return [value for event in EVENT.findall(body) if (value := parsed(event))]
    value = whole(body)
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def message_tokens(row, body):
    told = {}
    for value in values_of(row, body):
        for usage in ((value.get("message") or {}).get("usage"), value.get("usage")):
            told.update({name: count for name, count in (usage or {}).items() if count is not None})
    if "input_tokens" not in told and "output_tokens" not in told:
        return None
    parts = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return sum(told.get(part) or 0 for part in parts), told.get("output_tokens") or 0


def response_tokens(row, body):
    for value in reversed(values_of(row, body)):
        usage = (value.get("response") or value).get("usage") or {}
        if isinstance(usage.get("input_tokens"), int):
            return usage["input_tokens"], usage.get("output_tokens") or 0
    return None


def gemini_tokens(row, body):
    """Protocol buffers' JSON is in camel case or in snake case."""
    for value in reversed(values_of(row, body)):
        usage = value.get("usageMetadata") or value.get("usage_metadata")
        if usage:
            count = {re.sub("[A-Z]", lambda c: "_" + c[0].lower(), name): told for name, told in usage.items()}
            total = lambda *names: sum(count.get(f"{name}_token_count") or 0 for name in names)  # noqa: E731
            return total("prompt", "tool_use_prompt"), total("candidates", "thoughts")
    return None


EXPECTED = {
    "openai-chat": chat_tokens, "anthropic-messages": message_tokens, "openai-responses": response_tokens,
    "gemini-generate": gemini_tokens,
}  # fmt: skip


def code_of(value):
    """Our code in an error body or event of any dialect."""
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, dict) and error.get("details"):
        return error["details"][0].get("reason", "").lower()
    return (error if isinstance(error, dict) else value if isinstance(value, dict) else {}).get("code")


class Check:
    def __init__(self, tacet, key, threads):
        self.tacet, self.key = tacet, key
        self.threads = threads
        self.local = threading.local()
        self.counts = collections.Counter()
        self.failures = []
        self.tokens = {}
        self.lock = threading.Lock()

    def post(self, path, body):
        """On a kept connection per thread."""
        for again in range(2):
            connection = getattr(self.local, "connection", None) or self.tacet.connect(timeout=60)
            self.local.connection = connection
            try:
                answer = self.tacet.post(body, self.key, path=path, connection=connection)
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
        path, request = request_of(row, mods)
        asked = bool((request.get("stream_options") or {}).get("include_usage"))
        try:
            answer = self.post(path, request)
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
            answer = self.post(*request_of(row, mods))
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
                problem = None if code_of(answer.json()) == code else f"{answer.status} {answer.body[:200]}"
            else:
                last = values_of(row, answer.body)
                if not last or code_of(last[-1]) != code:
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


def sdk(python, shared, tacet, key, port, api):
    """A copy of sdkcheck.py with the gateway's key, run against the gateway."""
    with tempfile.TemporaryDirectory() as folder:
        text = pathlib.Path(shared, "replay/sdkcheck.py").read_text()
        changed = text.replace("api_key='k'", f"api_key={key!r}").replace("127.0.0.1:9911", f"127.0.0.1:{port}")
        default = "body.setdefault('input','hi')"
        left_out = f"{default}; [body.pop(member,None) for member in {KEPT!r}]"
        if changed.count(repr(key)) != 2 or changed.count(default) != 1:
            raise SystemExit("sdkcheck.py has changed: its api_key or its default was not found")
        changed = changed.replace(default, left_out)
        pathlib.Path(folder, "sdkcheck.py").write_text(changed)
        pathlib.Path(folder, "digest.py").write_text(pathlib.Path(shared, "replay/digest.py").read_text())
        done = subprocess.run(
            [python, "sdkcheck.py", f"http://127.0.0.1:{tacet.api}", api],
            cwd=folder, capture_output=True, text=True, timeout=1800,
        )
        print(done.stdout, end="")
        if done.returncode != 0:
            print(done.stderr[-2000:], file=sys.stderr)
            return False
        rows = [line.split("\t") for line in pathlib.Path(folder, f"sdkcheck-{api}.tsv").read_text().splitlines()]
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
    parser.add_argument("--api", action="append", choices=list(APIS), help="only this one; may be told again")
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
    try:
        good = [check_api(api, arguments, python, shared, server) for api in arguments.api or APIS]
    finally:
        server.stop()
    return 0 if all(good) else 1


def check_api(api, arguments, python, shared, server):
    dialect, base, _ = APIS[api]
    entry = f"{{ dialect: {dialect}, base_url: http://127.0.0.1:{server.port}{base}, key: none, price: free }}"
    tacet = tacet_process.Tacet({"replay": entry}, limits="upstream_silence: 2s")
    try:
        tacet.start()
        key = tacet.key()["key"]
        rows = list(recordings(shared, api))[: arguments.limit]
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
        # What is one event cannot end in its middle.
        streams = [row for row in streams if len([piece for piece in EVENT.findall(body_of(row)) if piece]) > 1]
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
        if not arguments.no_sdk and api != "gemini-generate":
            good = sdk(python, shared, tacet, key, server.port, api)
        verified = tacet.command("receipts", "verify", check=False)
    finally:
        tacet.remove()
    for (kind, result), count in sorted(check.counts.items()):
        print(f"{api:20} {kind:24} {result:7} {count}")
    for line in check.failures[: arguments.show]:
        print(line, file=sys.stderr)
    print(f"{api}: {sum(check.counts.values())} checks in {took:.0f} s; receipts verify: exit {verified.returncode}")
    return good and not check.failures and verified.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
