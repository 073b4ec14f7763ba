#!/usr/bin/env python3
"""The audit beside others on one generated set, in one run, warm: seconds a GiB, the totals they come to, the memory they take.

Usage: run.py BINARY [MEBIBYTES]. Peers are used where they are installed: DuckDB and Polars (PyPI `duckdb`, `polars`); Python's own
json always. Each is run three times in turn; the best counts.
"""
import glob
import os
import subprocess
import sys
import tempfile
import time

binary, size = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 256
here = os.path.dirname(os.path.abspath(__file__))
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
AUDIT = """
import json, subprocess, sys
tokens = json.loads(subprocess.run([sys.argv[2], 'audit', sys.argv[1], '--json'], capture_output=True).stdout)['totals']['tokens']
print(tokens['input'], tokens['output'])
"""


def once(script, folder):
    before = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", script, folder, binary], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, _ = process.communicate()
    return time.perf_counter() - before, out.decode().strip() if process.returncode == 0 else None


with tempfile.TemporaryDirectory() as folder:
    print(subprocess.run([sys.executable, f"{here}/generate.py", folder, str(size)], capture_output=True, text=True).stdout.strip())
    total = sum(os.path.getsize(path) for path in glob.glob(folder + "/*"))
    best, sums = {}, {}
    for _ in range(3):
        for name, script in {"tacet audit": AUDIT, "Python json": PYTHON, "DuckDB": DUCKDB, "Polars": POLARS}.items():
            seconds, answer = once(script, folder)
            if answer:
                best[name] = min(best.get(name, seconds), seconds)
                sums[name] = answer
    print(f"{'program':14} {'s':>7} {'s per GiB':>10}  input and output tokens")
    for name, seconds in sorted(best.items(), key=lambda entry: entry[1]):
        print(f"{name:14} {seconds:7.2f} {seconds * 2**30 / total:10.2f}  {sums[name]}")
    if len(set(sums.values())) > 1:
        sys.exit("the totals differ")
