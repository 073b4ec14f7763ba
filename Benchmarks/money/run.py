#!/usr/bin/env python3
"""What a request's money costs: time and system calls in the purse, durable pairs in the ledger, a page over a year.

    run.py BENCH TACET [--write]

Both are release builds: of MoneyBench and of tacet. Leaves with 1 when a bound of the specification is missed: 2 µs and no system call
a request, 10,000 durable pairs a second, 100 ms a page. `--write` puts the figures into Benchmarks/README.md.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import year

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"


def bench(binary, *arguments, wrapper=()):
    done = subprocess.run([*wrapper, binary, *map(str, arguments)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def system_calls(binary, requests):
    """All that the process asks of the kernel for so many requests of every case."""
    with tempfile.NamedTemporaryFile("r") as out:
        bench(binary, "purse", requests, wrapper=("strace", "-f", "-c", "-o", out.name))
        rows = [line.split() for line in out.read().splitlines()]
        # Share of time, seconds, microseconds a call, calls, perhaps errors, name.
        return sum(int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench")
    parser.add_argument("tacet")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    failures = []

    purse, _ = bench(arguments.bench, "purse", 2_000_000)
    calls = None
    if shutil.which("strace"):
        # The warm-up is the same in both: what differs is what the requests cost.
        few, many = system_calls(arguments.bench, 100_000), system_calls(arguments.bench, 1_100_000)
        calls = (many - few) / 9_000_000
    with tempfile.TemporaryDirectory(dir=os.environ.get("TACET_BENCH_DISK")) as folder:
        ledger, _ = bench(arguments.bench, "ledger", folder)
    rows, pages = year.measure(arguments.tacet)

    out = ["| admission, hold, settle | threads | CPU ns a request |", "|---|--:|--:|"]
    for line in purse:
        out.append(f"| {line['rules']} | {line['threads']} | {line['ns_per_request']:,.0f} |")
        if line["ns_per_request"] > 2000:
            failures.append(f"{line['rules']}: {line['ns_per_request']} ns")
    if calls is not None:
        out += ["", f"System calls: {max(0, calls) * 1000:.3f} in 1,000 requests (renewals of the lease), by strace."]
        if calls > 0.001:
            failures.append(f"{calls} system calls a request")
    out += ["", "| durable hold and settlement | 10 wallets | 1,000 wallets |", "|---|--:|--:|"]
    places = {}
    for line in ledger:
        places.setdefault((line["what"], line["count"]), []).append(line["pairs_per_second"])
    for (what, count), rates in places.items():
        out.append(f"| {count:,} {what} | " + " | ".join(f"{rate:,} /s" for rate in rates) + " |")
    if max(line["pairs_per_second"] for line in ledger) < 10_000:
        failures.append("no batch reaches 10,000 durable pairs a second")
    out += ["", *year.table(rows, pages)]
    failures += [f"{page}: {took:.1f} ms" for page, took in pages if took > year.BOUND]

    table = "\n".join(out)
    print(table)
    if arguments.write:
        text = README.read_text()
        changed = re.sub(
            r"(<!-- money: begin -->\n).*(<!-- money: end -->)", lambda m: m[1] + table + "\n" + m[2], text, flags=re.S)
        README.write_text(changed)
    for failure in failures:
        print(f"missed: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
