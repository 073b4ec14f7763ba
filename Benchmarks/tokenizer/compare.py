#!/usr/bin/env python3
"""Holds Sources/Wire/Tokenizer beside tiktoken: the same tokens on some 20 MB of text of every kind, then the speed of both.

    compare.py [--strings N] [--no-speed]

Needs swiftc, tiktoken (pip; its rank files in TIKTOKEN_CACHE_DIR, or under TACET_SHARED) and TACET_SHARED for real texts;
says so and leaves with 0 where they are not. Leaves with 1 if a single token differs.
"""

import argparse
import gzip
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

import texts

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DATA = ROOT / "Libraries" / "CResources" / "tokenizers"
NAMES = ["o200k_base", "cl100k_base"]
SPOKEN = ["English", "code", "agent JSON", "Chinese", "Japanese", "Arabic", "emoji", "base64", "a", "spaces"]


def rank_files(shared, folder):
    """tiktoken looks for its files by the SHA-1 of their addresses."""
    for name in NAMES:
        address = f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
        packed = pathlib.Path(shared) / "tokenizers" / f"{name}.tiktoken.gz"
        (folder / hashlib.sha1(address.encode()).hexdigest()).write_bytes(gzip.decompress(packed.read_bytes()))
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)


def build(folder):
    sources = [str(path) for path in sorted((ROOT / "Sources" / "Wire" / "Tokenizer").glob("*.swift"))]
    driver = str(folder / "driver")
    flags = ["-O", "-wmo", "-parse-as-library", "-enable-upcoming-feature", "InternalImportsByDefault"]
    subprocess.run(["swiftc", *flags, *sources, str(HERE / "driver.swift"), "-o", driver], check=True)
    return driver


def run(driver, name, *arguments):
    return subprocess.run(
        [driver, str(DATA / f"{name}.bin"), str(DATA / "classes.bin"), *map(str, arguments)], check=True,
        capture_output=True, text=True).stdout


def differing(driver, name, encoding, strings, folder):
    records = folder / "records"
    with records.open("wb") as out:
        for string in strings:
            raw = string.encode()
            out.write(struct.pack("<I", len(raw)) + raw)
    run(driver, name, "encode", records, folder / "tokens")
    found = struct.unpack(f"<{(folder / 'tokens').stat().st_size // 4}I", (folder / "tokens").read_bytes())
    at = wrong = total = 0
    for string in strings:
        count = found[at]
        mine = list(found[at + 1:at + 1 + count])
        at += 1 + count
        total += len(string.encode())
        if mine != encoding.encode_ordinary(string):
            wrong += 1
            print(f"  differs: {string[:60]!r}")
    print(f"{name}: {len(strings)} texts, {total / 1e6:.1f} MB, {wrong} differ")
    return wrong


def tiktoken_seconds(encoding, text):
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        encoding.encode_ordinary(text)
        best = min(best, time.perf_counter() - start)
    return best


def speed(driver, encodings, every, folder):
    files = {}
    every = {kind: every[kind] for kind in SPOKEN} | {"500 B prompt": every["English"][1000:1500]}
    for index, (kind, text) in enumerate(every.items()):
        path = folder / f"{index}.txt"
        path.write_text(text, newline="")
        files[str(path)] = kind
    for name, encoding in encodings.items():
        start = json.loads(run(driver, name, "start"))
        print(f"\n{name}: tables built in {start['ms']:.0f} ms, {start['bytes'] / 1e6:.1f} MB\n")
        print("| text | bytes | tokens | tacet MB/s | tacet µs | tiktoken MB/s | times |\n|---|--:|--:|--:|--:|--:|--:|")
        for line in run(driver, name, "speed", *files).splitlines():
            row = json.loads(line)
            kind = files[row["path"]]
            theirs = tiktoken_seconds(encoding, every[kind])
            print(
                f"| {kind} | {row['bytes']} | {row['tokens']} | {row['bytes'] / row['seconds'] / 1e6:.0f} | {row['seconds'] * 1e6:.1f} |"
                f" {row['bytes'] / theirs / 1e6:.1f} | {theirs / row['seconds']:.1f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--strings", type=int, default=80_000)
    parser.add_argument("--no-speed", action="store_true")
    options = parser.parse_args()
    shared = os.environ.get("TACET_SHARED")
    if not shared:
        print("skipped: TACET_SHARED is not set")
        return 0
    try:
        import tiktoken
    except ImportError:
        print("skipped: tiktoken is not installed")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "ranks").mkdir()
        rank_files(shared, folder / "ranks")
        driver = build(folder)
        encodings = {name: tiktoken.get_encoding(name) for name in NAMES}
        first = encodings[NAMES[0]]
        words = [first.decode_single_token_bytes(token).decode(errors="ignore") for token in range(199_998)]
        every = texts.kinds(shared, words)
        strings = list(texts.short(options.strings, words, 11))
        # Long texts whole, and in parts, so that ends fall everywhere.
        for text in every.values():
            strings.append(text[:500_000])
            strings += [text[at:at + 997] for at in range(0, len(text), 997)]
        wrong = sum(differing(driver, name, encoding, strings, folder) for name, encoding in encodings.items())
        if not options.no_speed:
            speed(driver, encodings, every, folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
