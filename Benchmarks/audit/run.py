#!/usr/bin/env python3
"""The audit beside others on one set of sessions, in one run, warm: seconds and CPU seconds a GiB, memory, and the totals.

Usage: run.py BINARY [FOLDER | MEBIBYTES [PAGE]]. Without a folder a set is generated; with PAGE (.build/wasm/audit.html) the audit page
reads it too, in Chromium, as its files and as one. Peers are used where Python finds them (PyPI `duckdb`, `polars`, `claude-monitor`);
Python's own json always. Each runs three times in turn (TACET_ROUNDS); the best counts. CPU seconds are of all threads and processes.
The browser's memory is that of its largest process.
"""
import glob
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

binary = sys.argv[1]
given = sys.argv[2] if len(sys.argv) > 2 else "256"
page = pathlib.Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../../Tests/Browser"))
PYTHON = """
import glob, json, sys
seen = {}
for path in glob.glob(sys.argv[1] + '/*.jsonl'):
    for line in open(path):
        if '"usage"' not in line: continue
        row = json.loads(line)
        usage = row.get('message', {}).get('usage') if row.get('type') == 'assistant' else None
        if usage: seen[row['message']['id'], row['requestId']] = (usage['input_tokens'], usage['output_tokens'])
print(sum(a for a, _ in seen.values()), sum(b for _, b in seen.values()))
"""
DUCKDB = """
import duckdb, sys
print(*duckdb.sql(f'''select sum(message.usage.input_tokens)::bigint, sum(message.usage.output_tokens)::bigint from read_json('{sys.argv[1]}/*.jsonl',
format='newline_delimited', maximum_object_size=33554432, columns={{type: 'VARCHAR', message: 'STRUCT(id VARCHAR, usage STRUCT(input_tokens BIGINT, output_tokens BIGINT))'}})
where type = 'assistant' ''').fetchall()[0])
"""
POLARS = """
import polars as pl, sys
usage = pl.Struct({'input_tokens': pl.Int64, 'output_tokens': pl.Int64})
rows = pl.scan_ndjson(sys.argv[1] + '/*.jsonl', schema={'type': pl.String, 'message': pl.Struct({'usage': usage})}, ignore_errors=True)
out = rows.filter(pl.col('type') == 'assistant').select(pl.col('message').struct.field('usage').struct.unnest()).sum().collect()
print(*out.row(0))
"""
MONITOR = """
import logging, sys
logging.disable(logging.CRITICAL)
from claude_monitor.data.reader import load_usage_entries
entries, _ = load_usage_entries(sys.argv[1])
print(sum(entry.input_tokens for entry in entries), sum(entry.output_tokens for entry in entries))
"""
TOTALS = "import json, sys; t = json.load(sys.stdin)['totals']['tokens']; print(t['input'], t['output'])"


def once(command, sum_up=None):
    """Wall seconds, CPU seconds, peak MiB and what it printed."""
    with tempfile.TemporaryFile() as out:
        before = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - before
        out.seek(0)
        if status != 0:
            return None
        said = out.read() if not sum_up else subprocess.run([sys.executable, "-c", sum_up], stdin=out, capture_output=True).stdout
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said.decode().strip().splitlines()[-1].strip()


def in_browser(files):
    """The same of the audit page."""
    from browser import Browser

    browser = Browser()
    peak, is_over = [0], threading.Event()

    def watch():
        while not is_over.wait(0.1):
            peak[0] = max(peak[0], browser.memory())

    watcher = threading.Thread(target=watch)
    try:
        browser.open(page.as_uri())
        watcher.start()
        before = browser.cpu()
        if browser.choose(files) != "done":
            return None
        cpu = browser.cpu() - before
        seconds, first, tokens = browser.run("return [Number(document.body.dataset.seconds), document.body.dataset.first, report.totals.tokens]")
        print(f"  the page, {len(files)} files: first figures after {first} ms")
        return seconds, cpu, peak[0], f"{tokens['input']} {tokens['output']}"
    finally:
        is_over.set()
        watcher.join()
        browser.close()


with tempfile.TemporaryDirectory() as made:
    folder = given
    if given.isdigit():
        folder = made
        print(subprocess.run([sys.executable, f"{here}/generate.py", folder, given], capture_output=True, text=True).stdout.strip())
    files = [pathlib.Path(path) for path in sorted(glob.glob(folder + "/*.jsonl"))]
    total = sum(file.stat().st_size for file in files)
    one = pathlib.Path(made, "one")
    audit = [binary, "audit", folder, "--json"]
    programs = {
        "tacet audit": (audit, TOTALS), "tacet audit, 1 core": (["taskset", "-c", "0", *audit], TOTALS),
        **{name: ([sys.executable, "-c", script, folder], None) for name, script in {
            "Python json": PYTHON, "DuckDB": DUCKDB, "Polars": POLARS, "claude-monitor": MONITOR}.items()},
    }
    runs = {name: lambda how=how: once(*how) for name, how in programs.items()}
    if page:
        with one.open("wb") as joined:
            for file in files:
                joined.write(file.read_bytes())
        runs |= {"page, one file": lambda: in_browser([one]), "page, all files": lambda: in_browser(files)}
    # What was generated is on its way to the disk for a while, and that is not what is measured.
    os.sync()
    best = {}
    for _ in range(int(os.environ.get("TACET_ROUNDS", "3"))):
        for name, run in runs.items():
            found = run()
            if found:
                best[name] = min(best.get(name, found), found)
    gib = total / 2**30
    print(f"{gib:.2f} GiB; load {os.getloadavg()[0]:.1f}")
    print(f"{'program':20} {'s/GiB':>7} {'CPU s/GiB':>10} {'MiB':>6}  input and output tokens")
    for name, (seconds, cpu, memory, said) in sorted(best.items(), key=lambda entry: entry[1]):
        print(f"{name:20} {seconds / gib:7.2f} {cpu / gib:10.2f} {memory:6.0f}  {said}")
    if len({found[3] for found in best.values()}) > 1:
        sys.exit("the totals differ")
