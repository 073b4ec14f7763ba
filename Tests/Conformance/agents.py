"""Claude Code and Codex, each a session on its own provider and on each other's. They run what a model calls: the
recordings they are given are text alone."""

import glob
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from recordings import Job, Skip, same

job = Job()
SITE = pathlib.Path(sys.prefix)


def program(*patterns):
    for pattern in patterns:
        for path in glob.glob(str(SITE / pattern), recursive=True):
            if os.access(path, os.X_OK) and os.path.isfile(path):
                return path
    raise Skip("the package brings no program for this machine")


def recording(api, thinks=False):
    # An agent shows what it is told: a short text without a fence is compared as it is.
    without = ("error", "server_tool", "tools", "json_schema", "max_tokens_stop", *(() if thinks else ("thinking",)))
    return job.pick(api, True, ["thinking", "signature"] if thinks else (), without=without)


def claude(provider, api, thinks=False, tools=()):
    """A session; `tools` as its command line takes them, without them all it has."""
    found = program("lib/python*/site-packages/claude_agent_sdk/**/claude")
    id, recorded = recording(api, thinks)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [found, "-p", "hi", "--output-format", "json", *tools],
            env={
                "PATH": os.environ["PATH"], "HOME": home, "ANTHROPIC_BASE_URL": job.url, "ANTHROPIC_API_KEY": job.key,
                "ANTHROPIC_MODEL": f"{provider}/replay-{id}", "ANTHROPIC_SMALL_FAST_MODEL": f"{provider}/replay-{id}",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1",
                **({"MAX_THINKING_TOKENS": "2048"} if thinks else {}),
            },
            cwd=home, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise AssertionError(f"exit {done.returncode}: {(done.stdout + done.stderr)[-200:]}") from None
    if answer.get("is_error"):
        raise AssertionError(str(answer.get("result"))[:200])
    same(answer["result"], recorded)


def codex(provider, api):
    found = program("lib/python*/site-packages/**/bin/codex", "lib/python*/site-packages/**/codex", "bin/codex")
    id, recorded = recording(api)
    with tempfile.TemporaryDirectory() as home:
        config = pathlib.Path(home) / ".codex"
        config.mkdir()
        (config / "config.toml").write_text(
            f'model = "{provider}/replay-{id}"\nmodel_provider = "tacet"\n\n[model_providers.tacet]\nname = "tacet"\n'
            f'base_url = "{job.url}/v1"\nenv_key = "TACET_KEY"\nwire_api = "responses"\nrequest_max_retries = 0\n'
            "stream_max_retries = 0\n"
        )
        last = pathlib.Path(home) / "last"
        done = subprocess.run(
            [found, "exec", "--skip-git-repo-check", "--sandbox", "read-only", "--output-last-message", str(last), "hi"],
            env={"PATH": os.environ["PATH"], "HOME": home, "CODEX_HOME": str(config), "TACET_KEY": job.key},
            cwd=home, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode != 0 or not last.exists():
            raise AssertionError(f"exit {done.returncode}: {(done.stderr or done.stdout)[-300:]}")
        same(last.read_text(), recorded)


APIS = {"oai": "openai-chat", "ant": "anthropic-messages", "rsp": "openai-responses", "gem": "gemini-generate"}
for provider in ("ant", "oai", "rsp", "gem"):
    none = lambda: claude(provider, APIS[provider], tools=("--tools", ""))  # noqa: E731
    job.row("Claude Code", "a session", provider, "messages", none)
    job.row("Claude Code", "with its tools", provider, "messages", lambda: claude(provider, APIS[provider]))
job.row("Claude Code", "thinking", "ant", "messages", lambda: claude("ant", APIS["ant"], thinks=True))
for provider in ("rsp", "ant", "oai", "gem"):
    job.row("Codex", "a session", provider, "responses", lambda: codex(provider, APIS[provider]))
