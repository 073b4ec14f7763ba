#!/usr/bin/env python3
"""Real clients against Tacet in front of recorded providers and of the sandbox.

    run.py [--binary PATH] [--venvs FOLDER] [--only WORD] [--no-agents] [--json]

The official openai, anthropic and google-genai clients, in their newest and in an earlier major version, langchain and
litellm use every feature they have in common with Tacet; Claude Code and Codex hold a session each, on their own provider
and on each other's. What Tacet does not serve yet it says
itself; such rows are shown as `not served` and fail as soon as it is served and does not work.

Needs TACET_SHARED (the recordings) and packages from an index, which are put into virtual environments of their own. What
cannot be had is skipped with its reason. Exit code 1 when anything that is served fails.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
HOUSE = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HOUSE / "Tests" / "Outside")]

import gateway  # noqa: E402

#: Families that may pin different versions of the same client have an environment each.
FAMILIES = {
    "sdks": ["openai", "anthropic", "google-genai", "aiohttp", "orjson", "websockets"],
    # The majors that other packages still pin.
    "sdks of before": ["openai==3.3.0", "anthropic==1.17.0", "google-genai==2.34.0", "aiohttp", "orjson", "websockets"],
    "langchain": ["langchain-openai", "langchain-anthropic", "langchain-google-genai"],
    "litellm": ["litellm", "mcp"],
    "agents": ["claude-agent-sdk", "openai-codex"],
}


def environment(folder, family):
    """The Python of a family's virtual environment, or the reason why there is none."""
    python = folder / family / "bin" / "python"
    mark = folder / family / "installed"
    if mark.exists() and mark.read_text() == " ".join(FAMILIES[family]):
        return python, ""
    for command in (
        [sys.executable, "-m", "venv", str(folder / family)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *FAMILIES[family]],
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=1200)
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, f"{command[0]}: {type(error).__name__}"
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no reason given"]
            return None, f"packages cannot be had: {last[0][:200]}"
    mark.write_text(" ".join(FAMILIES[family]))
    return python, ""


def run(python, script, stand, only):
    """Rows of one script: (client, feature, provider, result, detail)."""
    work = {
        "url": stand.url,
        "key": stand.key,
        "sandbox": stand.sandbox_key,
        "shared": stand.shared,
        "served": stand.served,
        "dialects": stand.dialects,
        "only": only,
    }
    done = subprocess.run(
        [str(python), str(HERE / script)], input=json.dumps(work), capture_output=True, text=True, timeout=3600
    )
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    if done.returncode != 0:
        rows.append([script, "", "", "failed", done.stderr.strip()[-400:]])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary")
    parser.add_argument("--venvs", default=str(HOUSE / ".build" / "conformance"))
    parser.add_argument("--only", default="", help="rows whose words contain this")
    parser.add_argument("--no-agents", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.binary:
        os.environ["TACET_BINARY"] = os.path.abspath(options.binary)
    shared = os.environ.get("TACET_SHARED")
    reason = gateway.missing() or ("" if shared else "TACET_SHARED is not set: there are no recordings")
    if reason:
        print(f"skipped: {reason}")
        return 0
    folder = pathlib.Path(options.venvs)
    folder.mkdir(parents=True, exist_ok=True)
    sdks, reason = environment(folder, "sdks")
    if not sdks:
        print(f"skipped: {reason}")
        return 0
    scripts = [
        ("sdks", "sdks.py"), ("sdks of before", "sdks.py"), ("langchain", "langchain_clients.py"),
        ("litellm", "litellm_client.py"),
    ]  # fmt: skip
    if not options.no_agents:
        scripts.append(("agents", "agents.py"))
    rows = []
    with gateway.Stand(str(sdks), shared) as stand:
        for family, script in scripts:
            python, reason = environment(folder, family)
            if python:
                rows += run(python, script, stand, options.only)
            else:
                rows.append([family, "", "", "skipped", reason])
        violations = stand.violations()
    if violations:
        rows.append(["tacet", "streams it wrote keep their rules", "", "failed", json.dumps(violations[:3])])
    if options.json:
        print(json.dumps(rows))
    else:
        for client, feature, provider, result, detail in rows:
            print(f"{result:<10} {client:<22} {feature:<34} {provider:<10} {detail}".rstrip())
        counts = {name: sum(row[3] == name for row in rows) for name in ("ok", "failed", "not served", "skipped")}
        print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if any(row[3] == "failed" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
