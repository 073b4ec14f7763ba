#!/usr/bin/env python3
"""Hours of mixed traffic with aborts, cuts, large bodies and faults on both sides. After it nothing may be left: no
descriptor, connection, request in flight, held byte or held money, and memory must not have grown. Every request that was
answered has its receipt. soak.py --binary PATH [--seconds 600] [--clients 16]"""

import argparse
import json
import os
import pathlib
import random
import sys
import threading
import time

BUDGET = 1_000_000


class Client(threading.Thread):
    """Draws one kind of request after the other until told to stop."""

    def __init__(self, tacet, near, key, seed, stop):
        super().__init__(daemon=True)
        self.tacet, self.near, self.key, self.stopped = tacet, near, key, stop
        self.draw = random.Random(seed)
        self.answered, self.failed, self.surprises = [], 0, []

    def run(self):
        kinds = [self.plain, self.stream, self.abort, self.large, self.unknown]
        while not self.stopped.is_set():
            kind = self.draw.choices(kinds, [6, 6, 2, 1, 1])[0]
            port = self.near.port if self.draw.random() < 0.3 else self.tacet.api
            try:
                with http_client.Connection(port, timeout=10) as connection:
                    for _ in range(self.draw.randint(1, 5)):
                        self.note(kind(connection))
            except (OSError, http_client.ConnectionEnded, ValueError):
                self.failed += 1
            except AssertionError as error:
                self.surprises.append(str(error)[:200])

    def note(self, answer):
        if answer is None:
            return
        if answer.request_id and answer.ended != "cut" and answer.status != 404:
            self.answered.append(answer.request_id)
        if answer.status >= 500 and not answer.code:
            self.surprises.append(f"{answer.status} without a code: {answer.body[:100]!r}")

    def ask(self, connection, body):
        return self.tacet.post(body, self.key, connection=connection)

    def plain(self, connection):
        return self.ask(connection, tacet_process.chat(self.draw.choice(["mock/plain", "safe"]), max_tokens=50))

    def stream(self, connection):
        model = self.draw.choice(["mock/stream", "flow"])
        return self.ask(connection, tacet_process.chat(model, stream=True, max_tokens=50))

    def large(self, connection):
        return self.ask(connection, tacet_process.chat("mock/plain", "x" * (1 << 20), max_tokens=50))

    def unknown(self, connection):
        return self.ask(connection, tacet_process.chat("nobody/knows"))

    def abort(self, connection):
        body = json.dumps(tacet_process.chat("mock/slow", stream=True, max_tokens=50)).encode()
        fields = [("Content-Type", "application/json"), ("Authorization", f"Bearer {self.key}")]
        connection.send(http_client.request("POST", "/v1/chat/completions", fields, body))
        if self.draw.random() < 0.7:
            connection.head()
        connection.reset() if self.draw.random() < 0.5 else connection.close()
        raise http_client.ConnectionEnded(b"on purpose")


def metrics(tacet):
    with http_client.Connection(tacet.console) as connection:
        connection.send(http_client.request("GET", "/metrics"))
        lines = connection.read().body.decode().splitlines()
    return {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in lines if line and line[0] != "#"}


def descriptors(tacet):
    return len(os.listdir(f"/proc/{tacet.pid}/fd"))


def quiet(tacet, within=30):
    """Waits until nothing is under way; what is left then is leaked."""
    end = time.monotonic() + within
    while True:
        seen = metrics(tacet)
        left = {name: seen[name] for name in ("tacet_requests_in_flight", "tacet_body_bytes", "tacet_connections_open")}
        if not any(left.values()) or time.monotonic() > end:
            return {name: value for name, value in left.items() if value}
        time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    arguments = parser.parse_args()
    os.environ["TACET_BINARY"] = os.path.abspath(arguments.binary)
    print(f"seed {arguments.seed}, {arguments.seconds} s, {arguments.clients} clients", flush=True)
    draw = random.Random(arguments.seed)
    up = scripted_upstream
    upstream = up.ScriptedUpstream()
    upstream.log = Forgetful()
    upstream.script("plain", up.plain(up.completion("whole", usage=(20, 5))))
    upstream.script("stream", up.stream(up.events(["a", "b", "c"], usage=(20, 5))))
    upstream.script("slow", up.stream(up.events(["a"] * 40, usage=(20, 40)), gap=0.05))
    far = fault_proxy.FaultProxy(upstream.port, arguments.seed)
    far.choose = lambda: fault_proxy.some_faults(draw)
    entries = {"mock": tacet_process.provider(upstream, price=None), "far": tacet_process.provider(far, price=None)}
    extra = (
        "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }\n"
        "models: { safe: [far/plain, mock/plain], flow: [far/stream, mock/stream] }"
    )
    limits = "retries: 10%, upstream_first_byte: 2s, upstream_silence: 2s"
    problems = []
    with tacet_process.Tacet(entries, limits=limits, extra=extra) as tacet:
        key = tacet.key("soak", "--budget", str(BUDGET))["key"]
        near = fault_proxy.FaultProxy(tacet.api, arguments.seed + 1)
        near.choose = lambda: fault_proxy.some_faults(draw)
        stop = threading.Event()
        clients = [Client(tacet, near, key, arguments.seed + index, stop) for index in range(arguments.clients)]
        for client in clients:
            client.start()
        memory, first = [], None
        end = time.monotonic() + arguments.seconds
        while time.monotonic() < end:
            time.sleep(min(1.0, arguments.seconds / 60))
            if tacet.process.poll() is not None:
                problems.append(f"the server ended with {tacet.process.returncode}: {tacet.said()[-500:]}")
                break
            memory.append(tacet.resident())
            first = first or descriptors(tacet)
        stop.set()
        for client in clients:
            client.join(30)
        near.stop()
        if not problems:
            problems += settled(tacet, key, clients, memory)
        answered = sum(len(client.answered) for client in clients)
        failed = sum(client.failed for client in clients)
        print(f"{answered} answered, {failed} cut by faults or on purpose, memory {memory[len(memory) // 2] >> 20} MiB "
              f"at half time, {memory[-1] >> 20} MiB at the end")
    far.stop()
    upstream.stop()
    for problem in problems:
        print(f"PROBLEM: {problem}")
    print("nothing is left" if not problems else f"{len(problems)} problems")
    return 1 if problems else 0


class Forgetful(list):
    """The upstream keeps every request it has received; hours of them are too many."""

    def append(self, item):
        pass


def settled(tacet, key, clients, memory):
    """What is not as it should be once the load has gone."""
    problems = [surprise for client in clients for surprise in client.surprises[:3]]
    left = quiet(tacet)
    if left:
        problems.append(f"left over: {left}")
    time.sleep(1)
    ids = [each for client in clients for each in client.answered]
    lost = ledger_file.missing(tacet.data, ids)
    if lost:
        problems.append(f"{len(lost)} of {len(ids)} answered requests have no receipt")
    listed = tacet.receipts()
    charged = sum(receipt["charge_nano_usd"] for receipt in listed)
    known = json.loads(tacet.get("/v1/balance", key).body)
    line = next(line for line in known["budgets"] if line["owner"] == "key")
    # The list of receipts has an end; a longer soak is not added up.
    if len(listed) < 100_000 and line["left_nano_usd"] != BUDGET * 10**9 - charged:
        problems.append(f"held and not settled: {BUDGET * 10**9 - charged - line['left_nano_usd']} nano-USD")
    # The pool's idle connections go within a minute; the journal, the ledger and the listeners stay.
    if descriptors(tacet) > 128:
        problems.append(f"{descriptors(tacet)} descriptors are open")
    if tacet.command("receipts", "verify", check=False, timeout=300).returncode:
        problems.append("the chain does not verify")
    quarter = len(memory) // 4
    if quarter >= 5:
        early = sum(memory[quarter : 2 * quarter]) / quarter
        late = sum(memory[-quarter:]) / quarter
        if late > early * 1.05 + (4 << 20):
            problems.append(f"memory grew from {early / 2**20:.1f} to {late / 2**20:.1f} MiB")
    return problems


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    import fault_proxy
    import http_client
    import ledger_file
    import scripted_upstream
    import tacet_process

    sys.exit(main())
