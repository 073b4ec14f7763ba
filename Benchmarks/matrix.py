#!/usr/bin/env python3
"""Open loop at a fixed rate: bodies × plain/stream × passed/translated × features off/on, beside nginx, HAProxy and LiteLLM.

    matrix.py [--binary PATH] [--rounds 3] [--seconds 3] [--sizes 0.2,4,64,1024] [--dry]

Every contender of a cell gets the same rate, half of what the slowest of nginx, HAProxy and Tacet can do, in turns. LiteLLM
gets half of what it can do itself. `open_loop.c` counts from the time at which a request was due.
"""

import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import run
import tacet_process
import translated

import http_client

MARKS = ("<!-- matrix: begin -->", "<!-- matrix: end -->")
FEATURES = f"""profile: aura
{run.PRICES}
decisions: {{ all: {{ cache: auto, compression: lossless, prompt_cache: auto, router: shadow }} }}
router: {{ models: {{ mock/bench: {{ strength: 900 }}, stream/bench: {{ strength: 900 }} }} }}"""
LIMITS = ["--budget", "1000000", "--period", "month", "--rpm", "900000000", "--tpm", "900000000000", "--in-flight", "100000"]


class Matrix(run.Bench):
    #: one that can be told from another
    gap = 1000

    def __init__(self, arguments):
        super().__init__(arguments)
        self.generator = self.compile("open_loop.c")

    def contenders(self):
        found = super().contenders()
        if found[-1].name == "Tacet":
            found.append(self.start_tacet("Tacet, all on", FEATURES, LIMITS))
        return found + self.litellm()

    def litellm(self):
        """LiteLLM's proxy, where its command is on the PATH or named by TACET_BENCH_LITELLM."""
        program = os.environ.get("TACET_BENCH_LITELLM") or shutil.which("litellm")
        if not program:
            self.words.append("no litellm (pip install 'litellm[proxy]', or TACET_BENCH_LITELLM): left out")
            return []
        port, folder = tacet_process.free_port(), f"{self.folder}/litellm"
        os.makedirs(folder)
        models = "".join(
            f"  - model_name: {name}/bench\n    litellm_params: {{ model: openai/bench, api_key: sk-mock,"
            f" api_base: 'http://127.0.0.1:{self.ports[place]}/v1' }}\n"
            for name, place in (("mock", "mock"), ("stream", "stream")))
        pathlib.Path(folder, "config.yaml").write_text(
            f"model_list:\n{models}general_settings: {{ master_key: sk-bench }}\n")
        process = self.start(
            program, "--config", f"{folder}/config.yaml", "--host", "127.0.0.1", "--port", str(port), cwd=folder,
            env={**os.environ, "HOME": folder, "LITELLM_LOG": "ERROR"})
        path = "/v1/chat/completions"
        contender = run.Contender("LiteLLM", port, process, path, path, "sk-bench")
        end = time.monotonic() + 120
        while time.monotonic() < end and process.poll() is None:
            try:
                if run.alone(contender, 256, 1):
                    return [contender]
            except (OSError, http_client.ConnectionEnded):
                pass
            time.sleep(0.5)
        self.words.append("litellm did not answer within two minutes: left out")
        return []

    def request(self, contender, size, is_stream, dialect):
        """A whole HTTP request for a contender, and its port."""
        port = contender.port
        if dialect == "chat":
            path, body = contender.stream if is_stream else contender.plain, run.chat(size, is_stream)
        else:
            path, body = translated.request(dialect, size, is_stream)
        if is_stream:
            body = body.replace("mock/bench", "stream/bench")
            if contender.name == "direct":
                port, path = self.ports["stream"], contender.plain
        fields = [("Content-Type", "application/json"), ("anthropic-version", "2023-06-01")]
        if contender.key:
            fields.append(("Authorization", f"Bearer {contender.key}"))
        return http_client.request("POST", path, fields, body.encode()), port

    def load(self, contender, size, is_stream, dialect, rate, seconds):
        """One fixed-rate load: what the generator saw, and CPU µs per request."""
        message, port = self.request(contender, size, is_stream, dialect)
        path = pathlib.Path(self.folder, "request")
        path.write_bytes(message)
        # Streams last CHUNKS gaps: as many connections as are open at once, and half again.
        connections = max(64, int(rate * run.CHUNKS * self.gap / 1e6 * 1.5) + 16) if is_stream else 64
        before = contender.cpu()
        done = subprocess.run(
            [self.generator, str(port), str(connections), f"{rate:.1f}", str(seconds), str(path)],
            capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"open_loop: {done.stdout}{done.stderr}")
        found = json.loads(done.stdout)
        found["cpu"] = (contender.cpu() - before) * 1e6 / max(1, found["answered"])
        return found

    def saturation(self, contender, size, is_stream, dialect="chat"):
        """Requests a second that a contender can do: a second of far more than that."""
        asked = 40 if contender.name == "LiteLLM" else 400 if is_stream else 20_000
        found = self.load(contender, size, is_stream, dialect, asked, 1)
        return found["rate"] if found["answered"] > found["errors"] else 0

    def measure(self, contenders):
        rows = []
        idle = {contender.name: contender.resident() for contender in contenders if contender.process}
        for size in self.arguments.sizes:
            for is_stream in ([False, True] if self.has_streams else [False]):
                rows += self.cell(contenders, size, is_stream)
        time.sleep(5)
        after = {contender.name: contender.resident() for contender in contenders if contender.process}
        peak = {contender.name: high_water(contender) for contender in contenders if contender.process}
        return rows, idle, peak, after

    def cell(self, contenders, size, is_stream):
        """Rows of one body size, plain or streamed."""
        count = int(size * 1024)
        quick = [one for one in contenders if one.name not in ("direct", "LiteLLM")]
        rate = min(self.saturation(one, count, is_stream) for one in quick) / 2
        loads = [(one, "chat", rate) for one in contenders if one.name != "LiteLLM"]
        loads += [(one, "messages", rate) for one in quick if one.name.startswith("Tacet")]
        for one in contenders:
            if one.name == "LiteLLM":
                own = self.saturation(one, count, is_stream) / 2
                if own > 0:
                    loads.append((one, "chat", own))
        runs = {}
        for _ in range(self.arguments.rounds):
            for one, dialect, at in loads:
                runs.setdefault((one.name, dialect), []).append(
                    self.load(one, count, is_stream, dialect, at, self.arguments.seconds))
        direct = runs[("direct", "chat")]
        label = f"{size:g} KB, {'stream' if is_stream else 'plain'}"
        return [row(label, name, dialect, found, direct) for (name, dialect), found in runs.items()]


def high_water(contender):
    """The most memory its processes ever had, in MB."""
    total = 0
    for pid in contender.pids():
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1])
    return total / 1024


def row(label, name, dialect, found, direct):
    middle = lambda of: statistics.median(map(of, found))  # noqa: E731
    added = lambda key, place: statistics.median(  # noqa: E731
        one[key][place] - base[key][place] for one, base in zip(found, direct))
    cells = [label, name, "passed" if dialect == "chat" else "translated", f"{middle(lambda one: one['rate']):,.0f}"]
    if name == "direct":
        cells += ["–", *(f"{middle(lambda one: one['latency'][place]):,.0f} (all)" for place in range(3)), "–", "–"]
    else:
        cells += [f"{middle(lambda one: one['cpu']):,.0f}", *(f"{added('latency', place):,.0f}" for place in range(3))]
        cells.append(f"{added('first', 0):,.0f}")
        cells.append(f"{added('gap', 0):,.0f} / {added('gap', 1):,.0f}" if label.endswith("stream") else "–")
    cells.append(str(sum(one["errors"] for one in found)))
    return "| " + " | ".join(cells) + " |"


def table(rows, idle, peak, after):
    lines = [
        "| load | proxy | dialect | requests/s | CPU µs/request | p50 added µs | p99 | p99.9 | first byte added µs "
        "| gap added µs, p50 / p99 | errors |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|", *rows, "",
        "| proxy | resident idle MB | peak MB | five seconds after MB |", "|---|--:|--:|--:|",
    ]
    return lines + [f"| {name} | {idle[name]:.1f} | {peak[name]:.1f} | {after[name]:.1f} |" for name in idle]


def main():
    arguments = run.asked(__doc__, 3.0, "0.2,4,64,1024")
    if not run.tool("nginx"):
        print("skipped: there is no nginx (scripts/bootstrap --bench installs it)")
        return 0
    bench = Matrix(arguments)
    try:
        if not bench.generator:
            print("skipped: there is no C compiler for the generator")
            return 0
        rows, *memory = bench.measure(bench.contenders())
    finally:
        bench.stop()
    lines = [
        f"{datetime.date.today().isoformat()} · {run.machine()} · {arguments.rounds} rounds of {arguments.seconds:g} s, medians; "
        f"streams of {run.CHUNKS} events, {Matrix.gap / 1000:g} ms apart.", "", *table(rows, *memory),
    ]
    lines += ["", *bench.words] if bench.words else []
    run.publish(lines, MARKS, arguments.dry)
    return 0


if __name__ == "__main__":
    sys.exit(main())
