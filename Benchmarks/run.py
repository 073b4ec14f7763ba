#!/usr/bin/env python3
"""Puts Tacet beside nginx and HAProxy over the same mock provider, in one run, and writes Benchmarks/README.md.

    run.py [--binary PATH] [--rounds 3] [--seconds 4] [--sizes 0.2,2,4,64,1024] [--dry]

Paired and interleaved: in each round every contender serves the same load, one after the other. What is missing on the
machine is left out, and the table says so.
"""

import argparse
import datetime
import json
import mmap
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Tests/Outside")]

import http_client  # noqa: E402
import tacet_process  # noqa: E402
import translated  # noqa: E402

CONNECTIONS = 32
CHUNKS = 200
TICK = os.sysconf("SC_CLK_TCK")
PRICES = "pricing: { unknown: { ceiling: { input: 1, output: 4 } } }"
MARKS = ("<!-- table: begin -->", "<!-- table: end -->")


def tool(name):
    return shutil.which(name) or shutil.which(f"/usr/sbin/{name}")


def version(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)
    return found.group(0) if found else "?"


def wait_for(port, process):
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended with {process.returncode}")
        try:
            http_client.Connection(port, timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{process.args[0]} does not listen")


def answer():
    text = "Tacet keeps silent; this is the answer of a provider that is not there. " * 4
    value = {
        "id": "chatcmpl-bench", "object": "chat.completion", "created": 1700000000, "model": "bench",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 500, "completion_tokens": 64, "total_tokens": 564},
        "system_fingerprint": "fp_bench",
    }
    return json.dumps(value)


def chat(size, stream=False):
    """A chat body of about that many bytes."""
    value = {"model": "mock/bench", "messages": [{"role": "user", "content": ""}], "temperature": 0.5}
    if stream:
        value["stream"] = True
    bare = len(json.dumps(value))
    words = "the quick brown fox jumps over the lazy dog, again and again; "
    value["messages"][0]["content"] = (words * (size // len(words) + 1))[: max(1, size - bare)]
    return json.dumps(value)


class Contender:
    """A proxy under test: its port, its paths, and the processes whose CPU time counts."""

    def __init__(self, name, port, process, plain, stream, key=None):
        self.name, self.port, self.process = name, port, process
        self.plain, self.stream, self.key = plain, stream, key

    def pids(self):
        if not self.process:
            return []
        found, open_ = [], [self.process.pid]
        while open_:
            pid = open_.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                open_ += [int(child) for child in task.read_text().split()]
        return found

    def cpu(self):
        """Seconds of user and system time of all its processes and threads."""
        total = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def resident(self):
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
        return total / 1024


def wrk(contender, path, body, seconds, folder):
    """One load: {requests, rps, p50, p99 (µs), cpu (µs per request), errors}."""
    script = f"{folder}/load.lua"
    key = f'wrk.headers["Authorization"] = "Bearer {contender.key}"\n' if contender.key else ""
    pathlib.Path(f"{folder}/body.json").write_text(body)
    pathlib.Path(script).write_text(
        f'wrk.method = "POST"\nlocal file = io.open("{folder}/body.json", "rb")\nwrk.body = file:read("*a")\n'
        f'file:close()\nwrk.headers["Content-Type"] = "application/json"\n{key}'
        'done = function(summary, latency)\n'
        '  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,'
        ' latency:percentile(50), latency:percentile(99), summary.errors.status,'
        ' summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))\nend\n'
    )
    before = contender.cpu()
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{contender.port}{path}"],
        capture_output=True, text=True,
    )
    used = contender.cpu() - before
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    if not found:
        raise SystemExit(f"wrk: {done.stdout}{done.stderr}")
    requests, duration, p50, p99, status, other = map(int, found.groups())
    return {
        "requests": requests, "rps": requests / (duration / 1e6), "p50": p50, "p99": p99,
        "cpu": used * 1e6 / max(1, requests), "errors": status + other,
    }


def chunk_delay(contender, path, model, seconds):
    """How long single events of one timed stream were under way, in µs: (p50, p99)."""
    delays, end = [], time.monotonic() + seconds
    fields = [("Content-Type", "application/json")]
    if contender.key:
        fields.append(("Authorization", f"Bearer {contender.key}"))
    message = http_client.request("POST", path, fields, chat(2048, stream=True).replace("mock/bench", model).encode())
    with http_client.Connection(contender.port) as connection:
        # A gateway may close a connection after some hundreds of requests.
        for _ in range(500):
            if time.monotonic() > end:
                break
            connection.send(message)
            buffer = b""
            while b"[DONE]" not in buffer[-64:]:
                data = connection.receive()
                now = time.monotonic_ns()
                if not data:
                    return None
                delays += [now - int(at) for at in re.findall(rb'"id":"(\d{20})"', data)]
                buffer = (buffer + data)[-128:]
            while not buffer.endswith(b"0\r\n\r\n"):
                buffer = (buffer + connection.receive())[-128:]
    delays.sort()
    return delays[len(delays) // 2] / 1000, delays[len(delays) * 99 // 100] / 1000


def alone(contender, size, count):
    """Latency in µs of one request at a time on one kept connection: (p50, p99)."""
    fields = [("Content-Type", "application/json")]
    if contender.key:
        fields.append(("Authorization", f"Bearer {contender.key}"))
    message = http_client.request("POST", contender.plain, fields, chat(size).encode())
    times = []
    with http_client.Connection(contender.port) as connection:
        for _ in range(count):
            connection.send(message)
            if connection.read().status != 200:
                return None
            times.append((time.monotonic() - connection.sent_at) * 1e6)
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def fill(name, folder, **values):
    text = (HERE / name).read_text()
    values["USER"] = "user root;" if os.geteuid() == 0 else ""
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    path = pathlib.Path(folder, name)
    path.write_text(text)
    return str(path)


class Bench:
    #: microseconds between two events of the mock's streams
    gap = 0

    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = tempfile.mkdtemp(prefix="tacet-bench-")
        self.processes = []
        self.words = []
        self.tacet = None

    def start(self, *command, **more):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
        self.processes.append(process)
        return process

    def compile(self, name, *flags):
        out = f"{self.folder}/{pathlib.Path(name).stem}"
        compiler = tool("cc") or tool("gcc") or tool("clang")
        if not compiler:
            self.words.append(f"no C compiler: without {name}")
            return None
        subprocess.run([compiler, "-O2", *flags, str(HERE / name), "-o", out, "-lpthread"], check=True)
        return out

    def nginx(self, config, folder):
        os.makedirs(folder, exist_ok=True)
        return self.start(tool("nginx"), "-p", folder, "-c", config)

    def contenders(self):
        mock_port, stream_port = tacet_process.free_port(), tacet_process.free_port()
        self.ports = {"mock": mock_port, "stream": stream_port}
        mock = self.nginx(fill("mock.nginx.conf", self.folder, PORT=mock_port, ANSWER=answer()), f"{self.folder}/m")
        wait_for(mock_port, mock)
        streamer = self.compile("stream_mock.c")
        if streamer:
            wait_for(stream_port, self.start(streamer, str(stream_port), str(CHUNKS), str(self.gap)))
        self.has_streams = bool(streamer)
        chat_path = "/v1/chat/completions"
        found = [Contender("direct", mock_port, None, chat_path, None)]
        port = tacet_process.free_port()
        config = fill("proxy.nginx.conf", self.folder, PORT=port, MOCK=mock_port, STREAM=stream_port)
        process = self.nginx(config, f"{self.folder}/p")
        wait_for(port, process)
        found.append(Contender("nginx", port, process, chat_path, f"/stream{chat_path}"))
        if tool("haproxy"):
            port = tacet_process.free_port()
            config = fill("proxy.haproxy.cfg", self.folder, PORT=port, MOCK=mock_port, STREAM=stream_port)
            process = self.start(tool("haproxy"), "-f", config)
            wait_for(port, process)
            found.append(Contender("HAProxy", port, process, chat_path, f"/stream{chat_path}"))
        else:
            self.words.append("no haproxy: left out")
        if tacet_process.missing() or self.arguments.without_tacet:
            self.words.append(f"Tacet left out: {tacet_process.missing() or 'asked for'}")
        else:
            found.append(self.start_tacet())
        return found

    def start_tacet(self, name="Tacet", extra=PRICES, limits=(), environment=None):
        providers = {
            name: f"{{ dialect: openai, base_url: http://127.0.0.1:{self.ports[port]}/v1, key: env:MOCK_KEY }}"
            for name, port in (("mock", "mock"), ("stream", "stream"))
        }
        tacet = tacet_process.Tacet(providers, extra=extra, environment=environment)
        self.tacets = getattr(self, "tacets", []) + [tacet]
        tacet.start()
        key = tacet.key("bench", *limits)["key"]
        contender = Contender(name, tacet.api, tacet.process, "/v1/chat/completions", "/v1/chat/completions", key)
        return contender

    def measure(self, contenders):
        sizes, seconds = self.arguments.sizes, self.arguments.seconds
        results = {}
        idle = {contender.name: contender.resident() for contender in contenders if contender.process}
        for size in sizes:
            body = chat(int(size * 1024))
            for turn in range(self.arguments.rounds + 1):
                for contender in contenders:
                    # The first turn warms up and is thrown away.
                    one = wrk(contender, contender.plain, body, seconds if turn else 1, self.folder)
                    if turn:
                        results.setdefault((size, contender.name), []).append(one)
        if self.has_streams:
            for turn in range(self.arguments.rounds + 1):
                for contender in contenders:
                    body = chat(2048, stream=True)
                    if contender.name == "direct":
                        contender = Contender("direct", self.ports["stream"], None, "", contender.plain)
                    elif contender.name == "Tacet":
                        body = body.replace("mock/bench", "stream/bench")
                    one = wrk(contender, contender.stream, body, seconds if turn else 1, self.folder)
                    if turn:
                        results.setdefault(("stream", contender.name), []).append(one)
        after = {contender.name: contender.resident() for contender in contenders if contender.process}
        return results, idle, after

    def mallocs(self):
        """Allocations per request of Tacet: (plain, streamed, reads of the streamed answer)."""
        counter = self.compile("malloc_counter.c", "-shared", "-fPIC")
        if not counter or tacet_process.missing() or self.arguments.without_tacet:
            return None
        path = f"{self.folder}/count"
        pathlib.Path(path).write_bytes(b"\0" * 4096)
        contender = self.start_tacet(environment={"LD_PRELOAD": counter, "MALLOC_COUNTER": path})
        with open(path, "r+b") as file:
            counts = mmap.mmap(file.fileno(), 4096)

        def per_request(model, stream, count=700):
            body = chat(2048, stream).replace("mock/bench", model)
            fields = [("Authorization", f"Bearer {contender.key}"), ("Content-Type", "application/json")]
            message = http_client.request("POST", contender.plain, fields, body.encode())
            with http_client.Connection(contender.port) as connection:
                for turn in range(2):
                    before = struct.unpack_from("<Q", counts)[0]
                    for _ in range(count if turn else 200):
                        connection.send(message)
                        if connection.read().status != 200:
                            return None
                    after = struct.unpack_from("<Q", counts)[0]
            return (after - before) / count

        idle = struct.unpack_from("<Q", counts)[0]
        if idle == 0:
            self.words.append("the malloc counter saw nothing: the program dropped LD_PRELOAD at its start")
            return None
        plain, stream = per_request("mock/bench", False), per_request("stream/bench", True, 300)
        clients = translated.served(contender) if self.has_streams else []
        return plain, stream, {
            client: translated.allocations(contender, counts, client, CHUNKS) for client in clients}

    def translations(self, contenders):
        """What other dialects' clients cost, and how long their first byte takes; `None` without Tacet or streams."""
        tacet = next((contender for contender in contenders if contender.name == "Tacet"), None)
        if not tacet or not self.has_streams:
            return None
        stream = chat(2048, stream=True).replace("mock/bench", "stream/bench")
        found = translated.measure(
            self, wrk, tacet, chat(2048), stream, self.arguments.rounds, self.arguments.seconds)
        waits = {"chat": translated.first_byte(tacet, tacet.plain, stream, 100)}
        for client in translated.served(tacet):
            waits[client] = translated.first_byte(tacet, *translated.request(client, 2048, True), 100)
        return found, waits

    def latencies(self, contenders):
        """Nothing else running: {(size, name): (p50, p99)}, in turns so that all see the same machine."""
        out = {}
        for size, count in ((2 << 10, 200), (1 << 20, 40)):
            for turn in range(5):
                for contender in contenders:
                    found = alone(contender, size, count)
                    if turn and found:
                        out.setdefault((size, contender.name), []).append(found)
        return {place: tuple(map(statistics.median, zip(*found))) for place, found in out.items()}

    def delays(self, contenders):
        """Single events through each contender, one stream at a time."""
        out = {}
        for contender in contenders:
            if contender.name == "direct":
                contender = Contender("direct", self.ports["stream"], None, "", contender.plain)
            model = "stream/bench" if contender.name == "Tacet" else "mock/bench"
            out[contender.name] = chunk_delay(contender, contender.stream, model, 2)
        return out

    def stop(self):
        for tacet in getattr(self, "tacets", []):
            tacet.remove()
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def table(results, idle, after, mallocs, delays, latencies, translations, names, sizes):
    """The report's lines."""
    middle = lambda runs, key: statistics.median(run[key] for run in runs)  # noqa: E731
    lines = ["| load | proxy | CPU µs/request | against nginx | requests/s | p50 added µs | p99 added µs | errors |",
             "|---|---|--:|--:|--:|--:|--:|--:|"]
    for size in [*sizes, "stream"]:
        direct = results.get((size, "direct"))
        if not direct:
            continue
        for name in names:
            runs = results.get((size, name))
            if not runs:
                continue
            label = f"{size:g} KB" if size != "stream" else f"stream, {CHUNKS} events"
            rps, errors = middle(runs, "rps"), sum(run["errors"] for run in runs)
            if name == "direct":
                lines.append(f"| {label} | direct | – | – | {rps:,.0f} | {middle(runs, 'p50'):,.0f} (all) | "
                             f"{middle(runs, 'p99'):,.0f} (all) | {errors} |")
                continue
            # Paired: each round's proxy against the same round's nginx and direct.
            ratio = statistics.median(
                one["cpu"] / base["cpu"] for one, base in zip(runs, results[(size, "nginx")]) if base["cpu"])
            added = [statistics.median(one[p] - base[p] for one, base in zip(runs, direct)) for p in ("p50", "p99")]
            lines.append(f"| {label} | {name} | {middle(runs, 'cpu'):.1f} | {ratio:.2f} | {rps:,.0f} | {added[0]:,.0f} | "
                         f"{added[1]:,.0f} | {errors} |")
    lines += ["", "| proxy | resident idle MB | after the loads MB |", "|---|--:|--:|"]
    lines += [f"| {name} | {idle[name]:.1f} | {after[name]:.1f} |" for name in names if name in idle]
    lines += ["", "| one request at a time | proxy | p50 µs | p99 µs | p50 added µs |", "|---|---|--:|--:|--:|"]
    for (size, name), (p50, p99) in latencies.items():
        added = "–" if name == "direct" else f"{p50 - latencies[(size, 'direct')][0]:,.0f}"
        lines.append(f"| {size >> 10} KB | {name} | {p50:,.0f} | {p99:,.0f} | {added} |")
    if delays:
        lines += ["", "| one stream at a time | event under way, p50 µs | p99 µs |", "|---|--:|--:|"]
        lines += [f"| {name} | {found[0]:.0f} | {found[1]:.0f} |" for name, found in delays.items() if found]
    if translations:
        found, waits = translations
        lines += ["", *translated.table(found, mallocs[2] if mallocs else {}, waits)]
    if mallocs:
        plain, stream, _ = mallocs
        lines += ["", f"Tacet, allocations per request, 2 KB chat, kept connections: plain {plain:.1f}"
                  + (f"; a stream of {CHUNKS} events {stream:.1f}, {stream / CHUNKS:.2f} per event. All threads count, the drain to the ledger included." if stream else ".")]
    return lines


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} × {model.group(1) if model else platform.machine()}, Linux {platform.release()}"


def asked(description, seconds, sizes):
    """The command line of a bench; the binary goes to where the outside tests look for it."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--binary")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=type(seconds), default=seconds)
    parser.add_argument("--sizes", default=sizes)
    parser.add_argument("--without-tacet", action="store_true")
    parser.add_argument("--dry", action="store_true", help="print the table, leave README.md alone")
    arguments = parser.parse_args()
    arguments.sizes = [float(size) for size in arguments.sizes.split(",")]
    if arguments.binary:
        os.environ["TACET_BINARY"] = os.path.abspath(arguments.binary)
    return arguments


def publish(lines, marks, dry):
    """Prints a table, and puts it between its marks in README.md."""
    print("\n".join(lines))
    if not dry:
        path = HERE / "README.md"
        text = path.read_text()
        begin, end = text.index(marks[0]) + len(marks[0]), text.index(marks[1])
        path.write_text(text[:begin] + "\n" + "\n".join(lines) + "\n" + text[end:])


def main():
    arguments = asked(__doc__, 4, "0.2,2,4,64,1024")
    for name in ("wrk", "nginx"):
        if not tool(name):
            print(f"skipped: there is no {name} (scripts/bootstrap --bench installs it)")
            return 0
    bench = Bench(arguments)
    try:
        contenders = bench.contenders()
        results, idle, after = bench.measure(contenders)
        delays = bench.delays(contenders) if bench.has_streams else {}
        latencies = bench.latencies(contenders)
        translations = bench.translations(contenders)
        mallocs = bench.mallocs()
    finally:
        bench.stop()
    versions = [f"nginx {version(tool('nginx'), '-v')}", f"wrk {version('wrk', '-v')}"]
    if tool("haproxy"):
        versions.append(f"HAProxy {version(tool('haproxy'), '-v')}")
    lines = [
        f"{datetime.date.today().isoformat()} · {machine()} · {', '.join(versions)} · {CONNECTIONS} connections, "
        f"{arguments.rounds} rounds of {arguments.seconds} s each, medians; ratios and added times paired within a round.",
        "",
        *table(results, idle, after, mallocs, delays, latencies, translations,
               [contender.name for contender in contenders], arguments.sizes),
    ]
    lines += ["", *bench.words] if bench.words else []
    publish(lines, MARKS, arguments.dry)
    return 0


if __name__ == "__main__":
    sys.exit(main())
