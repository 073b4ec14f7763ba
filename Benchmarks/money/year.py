#!/usr/bin/env python3
"""The console's pages over a year of ten million requests, asked for over HTTP by somebody signed in.

    year.py BINARY

The year is made straight in the roll-ups, row for row as the drain leaves them; ten million receipts are not. Leaves with 1
when a page takes more than 100 ms.
"""

import os
import pathlib
import random
import re
import sqlite3
import sys
import time

OUTSIDE = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Outside"
sys.path.insert(0, str(OUTSIDE))

import ledger_file
import tacet_process
from visitor import Visitor

DAY = 86_400_000_000
REQUESTS = 10_000_000
KEYS = 200
BOUND = 100


def fill(path):
    """A year's days: 200 keys, few of them busy, 25 models of 5 providers, 3 kinds of task. Answers how many rows."""
    numbers = random.Random(5)
    today = int(time.time() * 1e6) // DAY * DAY
    keys = [min(KEYS - 1, int(numbers.paretovariate(0.7)) - 1) + 1 for _ in range(100_000)]
    models = [min(24, int(numbers.paretovariate(0.9)) - 1) + 1 for _ in range(100_000)]
    cells = {}
    for number in range(REQUESTS):
        at = today - numbers.randrange(365) * DAY
        model = models[(number * 7) % 100_000]
        cell = (at, 1, keys[number % 100_000], model, model % 5 + 1, number % 3)
        cells[cell] = cells.get(cell, 0) + 1
    with sqlite3.connect(path, timeout=60) as ledger:
        ledger.executemany(
            "INSERT OR IGNORE INTO gateway_keys (id, organisation, environment, name, digest, shown, created_at, member) "
            "VALUES (?, 1, 0, ?, ?, 'tct_live_abcd', 0, 0)",
            ((key, f"app-{key}", key.to_bytes(32)) for key in range(1, KEYS + 1)),
        )
        ledger.executemany("INSERT OR IGNORE INTO models VALUES (?, ?)", ((m, f"model-{m}") for m in range(1, 26)))
        ledger.executemany(
            f"INSERT INTO usage_days VALUES ({', '.join('?' * 15)}, 0, 0, 0)",
            ((*cell, n, n // 50, n * 900, n * 300, n * 200, n * 2000 * cell[3], n * 2000 * cell[3], n * 10, n * 800_000)
             for cell, n in sorted(cells.items())),
        )
        ledger_file.sum_days(ledger)
    ledger.close()
    return len(cells)


def timed(visitor, path):
    started = time.perf_counter()
    visitor.get(path)
    return (time.perf_counter() - started) * 1000


def measure(binary, rounds=7):
    """How many rows the year has, and each page with its median in milliseconds."""
    os.environ["TACET_BINARY"] = binary
    providers = {"mock": "{ dialect: openai, base_url: http://127.0.0.1:9/v1, key: env:MOCK_KEY, price: free }"}
    with tacet_process.Tacet(providers) as tacet:
        visitor = Visitor(tacet)
        rows = fill(f"{tacet.data}/ledger.sqlite")
        keys = re.findall(r'<option value="([^"]+)"[^>]*>app-(?:1|50)<', visitor.get("/explore?days=365"))
        assert len(keys) == 2, keys
        groups = ("model", "key", "provider", "category")
        pages = ["/?days=365", *(f"/explore?days=365&by={group}" for group in groups)]
        pages += [f"/explore?days=365&by=model&key={key}" for key in keys]
        pages += [f"/explore.csv?days=365&by={group}" for group in groups]
        # The file that a program reads has all of them.
        for group in groups:
            lines = visitor.get(f"/explore.csv?days=365&by={group}").splitlines()[1:]
            assert sum(int(line.split(",")[1]) for line in lines) == REQUESTS, group
        out = []
        for page in pages:
            took = sorted(timed(visitor, page) for _ in range(rounds))
            out.append((page.replace(keys[0], "BUSIEST").replace(keys[1], "ANOTHER"), took[len(took) // 2]))
        return rows, out


def table(rows, pages):
    out = [f"| a year of {REQUESTS:,} requests ({rows:,} daily rows, {KEYS} keys): page | ms |", "|---|--:|"]
    return out + [f"| `{page}` | {took:.1f} |" for page, took in pages]


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    rows, pages = measure(sys.argv[1])
    print("\n".join(table(rows, pages)))
    slow = [f"{page}: {took:.1f} ms" for page, took in pages if took > BOUND]
    print("".join(f"missed: {line}\n" for line in slow), end="", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
