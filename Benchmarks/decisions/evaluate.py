#!/usr/bin/env python3
"""Measures the classifier and the compression on public data, and prints one table.

    evaluate.py --binary PATH --data DIRECTORY [--markdown]

DIRECTORY holds `routing/*.jsonl.gz` (outcomes by prompt) and `compression/payloads.json.gz`. Only `tacet router train`,
`router score` and `compress` are used, as anybody could. Rows that are scored are never trained on, and nothing is chosen
by looking at them.
"""

import argparse
import gzip
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

STRONG, WEAK = "gpt-4-1106-preview", "mixtral-8x7b"


class Tool:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def run(self, *arguments, text=None):
        done = subprocess.run([self.binary, *arguments], input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def scores(self, train, test):
        """Scores of `test` by weights learned from `train`; both lists of (prompt, strong, weak)."""
        weights = str(self.folder / "weights.bin")
        rows = "".join(json.dumps({"prompt": p, "strong_ok": s, "weak_ok": w}) + "\n" for p, s, w in train)
        self.run("router", "train", "-", "--out", weights, "--json", text=rows)
        rows = "".join(json.dumps({"prompt": p}) + "\n" for p, _, _ in test)
        out = self.run("router", "score", "-", "--weights", weights, text=rows)
        return [json.loads(line)["score"] for line in out.splitlines()]


def load(folder, name, strong, weak, scale=1.0):
    with gzip.open(folder / "routing" / f"{name}.jsonl.gz", "rt") as lines:
        for row in map(json.loads, lines):
            scores = row["scores"]
            if not row.get("contaminated") and strong in scores and weak in scores:
                yield row, (row["prompt"], scores[strong] * scale, scores[weak] * scale)


def curve(scores, rows):
    """RouteLLM's evaluate(): eleven quantile thresholds, scores at or above one go to the strong model."""
    count = len(rows)
    ordered = sorted(scores)
    weak = sum(w for _, _, w in rows) / count
    strong = sum(s for _, s, _ in rows) / count
    points = []
    for step in range(11):
        place = step / 10 * (count - 1)
        low = int(place)
        high = min(low + 1, count - 1)
        threshold = ordered[low] + (place - low) * (ordered[high] - ordered[low])
        chosen = [score >= threshold if step < 10 else score > threshold for score in scores]
        quality = sum(s if up else w for up, (_, s, w) in zip(chosen, rows)) / count
        points.append((sum(chosen) / count, quality))
    points.sort()
    area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in zip(points, points[1:]))
    span = points[-1][0] - points[0][0]

    def calls(part):
        goal = weak + part * (strong - weak)
        for (x0, y0), (x1, y1) in zip(points, points[1:]):
            if y0 <= goal <= y1:
                return 100 * (x1 if y1 == y0 else x0 + (goal - y0) / (y1 - y0) * (x1 - x0))
        return 100.0

    return (area - weak * span) / ((strong - weak) * span), calls(0.5), calls(0.8)


def mean(values):
    return sum(values) / len(values)


def by_folds(tool, rows, groups, seed):
    """Every row's score by weights that saw no row of its group; groups are drawn at random if there are none."""
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    if groups is None:
        groups = [0] * len(rows)
        for place, index in enumerate(order):
            groups[index] = place % 5
    scores = [0.0] * len(rows)
    for group in sorted(set(groups)):
        train = [rows[i] for i in order if groups[i] != group]
        test = [i for i in range(len(rows)) if groups[i] == group]
        for index, score in zip(test, tool.scores(train, [rows[i] for i in test])):
            scores[index] = score
    return scores


def routing(tool, data, say):
    say("routing", "test", "rows", "APGR", "CPT50 %", "CPT80 %", "by length: APGR", "CPT50 %")

    def report(name, runs):
        """Means over runs of (scores, rows)."""
        ours = [curve(scores, rows) for scores, rows in runs]
        length = [curve([len(p.encode()) for p, _, _ in rows], rows) for _, rows in runs]
        spread = f" ({min(r[0] for r in ours):.3f}–{max(r[0] for r in ours):.3f})" if len(ours) > 1 else ""
        say(None, name, len(runs[0][1]), f"{mean([r[0] for r in ours]):.3f}{spread}",
            f"{mean([r[1] for r in ours]):.1f}", f"{mean([r[2] for r in ours]):.1f}",
            f"{mean([r[0] for r in length]):.3f}", f"{mean([r[1] for r in length]):.1f}")

    mmlu_rows = list(load(data, "routellm_mmlu", STRONG, WEAK))
    mmlu = [row for _, row in mmlu_rows]
    runs = []
    for seed in range(20):
        order = list(range(len(mmlu)))
        random.Random(seed).shuffle(order)
        test = [mmlu[i] for i in order[1530:]]
        runs.append((tool.scores([mmlu[i] for i in order[:1530]], test), test))
    report("MMLU, 1,530 labels, twenty draws", runs)
    report("MMLU, 5-fold", [(by_folds(tool, mmlu, None, seed), mmlu) for seed in range(3)])
    subjects = sorted({row["domain"] for row, _ in mmlu_rows})
    report("MMLU, unseen subjects (5 groups)",
           [(by_folds(tool, mmlu, [subjects.index(row["domain"]) % 5 for row, _ in mmlu_rows], 0), mmlu)])

    gsm = [row for _, row in load(data, "routellm_gsm8k", STRONG, WEAK)]
    report("GSM8K, 5-fold", [(by_folds(tool, gsm, None, seed), gsm) for seed in range(5)])
    report("GSM8K, trained on MMLU alone", [(tool.scores(mmlu, gsm), gsm)])
    report("MMLU, trained on GSM8K alone", [(tool.scores(gsm, mmlu), mmlu)])

    mix_rows = list(load(data, "llmrouter_ulab", "llama-3.1-nemotron-51b-instruct", "mistral-7b-instruct-v0.3"))
    mix = [row for _, row in mix_rows]
    tasks = [row["task"] for row, _ in mix_rows]
    report(f"mix of {len(set(tasks))} tasks, 5-fold", [(by_folds(tool, mix, None, 0), mix)])
    report("mix, each task left out in turn", [(by_folds(tool, mix, tasks, 0), mix)])


def compression(tool, data, say):
    say("compression", "blocks", "count", "tokens", "lossless %", "balanced %", "values lost", "")
    with gzip.open(data / "compression" / "payloads.json.gz", "rt") as file:
        payloads = json.load(file)
    for name, blocks in payloads.items():
        lines = "".join(json.dumps(block) + "\n" for block in blocks)
        saved = {}
        for mode in ("lossless", "balanced"):
            out = [json.loads(line) for line in
                   tool.run("compress", "--lines", "--json", "--mode", mode, text=lines).splitlines()]
            before = sum(line["tokens"]["before"] for line in out)
            saved[mode] = 100 * (1 - sum(line["tokens"]["after"] for line in out) / before)
            if mode == "lossless":
                again = "".join(json.dumps(line["text"]) + "\n" for line in out)
        restored = [json.loads(line)["text"] for line in
                    tool.run("compress", "--lines", "--json", "--restore", text=again).splitlines()]
        lost = sum(not same(a, b) for a, b in zip(blocks, restored, strict=True))
        say(None, name, len(blocks), before, f"{saved['lossless']:.1f}", f"{saved['balanced']:.1f}", lost, "")


def same(before, after):
    """Whether both are one JSON value, members in their order and numbers as spelled; else whether they are one text to
    somebody who reads it in a terminal."""
    def read(text):
        return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_int=lambda n: ("n", n),
                          parse_float=lambda n: ("n", n))
    try:
        return read(before) == read(after)
    except ValueError:
        shown = [[re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).rstrip() for line in text.split("\n")]
                 for text in (before, after)]
        return shown[0] == shown[1]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--binary", required=True)
    options.add_argument("--data", required=True, type=pathlib.Path)
    options.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    chosen = options.parse_args()

    def say(head, *cells):
        cells = [str(cell) for cell in cells]
        if chosen.markdown:
            if head:
                print()
            print("| " + " | ".join(cells) + " |")
            if head:
                print("|---" * len(cells) + "|")
        else:
            if head:
                print(f"\n{head}")
            print("  " + cells[0].ljust(44) + "".join(cell.rjust(22 if "–" in cell else 16) for cell in cells[1:]))
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as folder:
        tool = Tool(chosen.binary, pathlib.Path(folder))
        routing(tool, chosen.data, say)
        compression(tool, chosen.data, say)


if __name__ == "__main__":
    main()
