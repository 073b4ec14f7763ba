#!/usr/bin/env python3
"""How fast the JSON scan goes over an agent's body of 1 MB: the scanner's own sources, compiled with -O.

    scan.py [--at-least GBPS]

The body is this repository's own code as a coding agent would send it: messages with tool calls and what the tools read.
Leaves with 1 when the best of 200 passes stays below `--at-least`; says so and leaves with 0 where swiftc is not.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SIZE = 1 << 20


def body():
    """A messages request of at least 1 MB, always the same for one state of the sources."""
    messages = [{"role": "user", "content": "Read the sources and tell what they do."}]
    size = 0
    for number, path in enumerate(sorted((ROOT / "Sources").rglob("*.swift"))):
        name = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8")
        size += len(json.dumps(text))
        call = {"type": "tool_use", "id": f"toolu_{number}", "name": "Read", "input": {"file_path": name, "limit": 2000}}
        result = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": [{"type": "text", "text": text}]}
        messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
        if size >= SIZE:
            break
    tools = [{"name": "Read", "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}}}]
    request = {"model": "m", "max_tokens": 4096, "stream": True, "tools": tools, "messages": messages}
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()


def build(folder):
    """The scanner as one module, Vocabulary and the C byte searches beside it."""
    flags = ["-O", "-wmo", "-parse-as-library", "-enable-upcoming-feature", "InternalImportsByDefault"]
    include = ROOT / "Libraries" / "CBytes" / "include"
    clang = shutil.which("clang") or str(pathlib.Path(shutil.which("swiftc")).resolve().parent / "clang")
    (folder / "module.modulemap").write_text(f'module CBytes {{ header "{include / "CBytes.h"}" export * }}\n')
    for source in ("CBytes.c", "CRC32C.c"):
        subprocess.run(
            [clang, "-O2", f"-I{include}", "-c", str(ROOT / "Libraries" / "CBytes" / source), "-o", f"{folder}/{source}.o"],
            check=True,
        )
    vocabulary = [str(path) for path in sorted((ROOT / "Sources" / "Vocabulary").rglob("*.swift"))]
    subprocess.run(
        ["swiftc", *flags, "-module-name", "Vocabulary", "-emit-module", "-emit-object", *vocabulary]
        + ["-emit-module-path", f"{folder}/Vocabulary.swiftmodule", "-o", f"{folder}/Vocabulary.o"],
        check=True,
    )
    scanner = ["JSONCursor", "JSONFault", "JSONNumber", "JSONScalars", "JSONText"]
    sources = [str(ROOT / "Sources" / "Wire" / "JSON" / f"{name}.swift") for name in scanner]
    subprocess.run(
        ["swiftc", *flags, "-module-name", "Scan", f"-I{folder}", *sources, str(HERE / "scan.swift")]
        + [f"{folder}/{name}.o" for name in ("Vocabulary", "CBytes.c", "CRC32C.c")]
        + ["-o", f"{folder}/scan"],
        check=True,
    )
    return f"{folder}/scan"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at-least", type=float, default=0, help="GB/s")
    options = parser.parse_args()
    if not shutil.which("swiftc"):
        print("skipped: there is no swiftc")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "body").write_bytes(body())
        done = subprocess.run([build(folder), str(folder / "body")], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    print(f"JSON scan: {told['bytes']} bytes in {told['us']:.0f} us, {told['gbps']:.2f} GB/s (best of {told['rounds']})")
    return 0 if told["gbps"] >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
