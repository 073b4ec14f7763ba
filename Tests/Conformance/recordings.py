"""The rows of a job: which recording a client is given, what it has to make of it, and how a result is told."""

import gzip
import json
import re
import sys
import traceback


NUMBERS = re.compile(r'"finish_?[rR]eason": ?\d|sdk_http_response')


class Skip(Exception):
    """Why a row cannot be tried."""


class Job:
    def __init__(self):
        self.__dict__.update(json.load(sys.stdin))
        sys.path.insert(0, f"{self.shared}/replay")
        import digest

        self.digest = digest.digest
        with gzip.open(f"{self.shared}/replay/exchanges.jsonl.gz", "rb") as lines:
            self.rows = [json.loads(line) for line in lines]

    def pick(self, api, streaming=False, wants=(), provider=None, text=True, without=("error", "server_tool")):
        """A good recording: (id, its digest)."""
        for row in self.rows:
            features = row.get("features") or []
            if row["api"] != api or bool(row["streaming"]) != streaming or (row.get("status") or 200) != 200:
                continue
            if row.get("fidelity") != "wire" or provider and row["provider"] != provider:
                continue
            if not all(want in features for want in wants) or any(word in features for word in without):
                continue
            if row.get("response_b64") or not row.get("response_body"):
                continue
            # Compatible providers leave out what OpenAI's client needs (a call's index), and some rows are dumps of
            # Google's client with numbers for words: passed on as they are, no client reads them.
            if row["api"] == "openai-chat" and row["provider"] != "openai" or NUMBERS.search(row["response_body"]):
                continue
            told = self.digest(api, streaming, row["response_body"]) if text is not None else {}
            if text and (not told["text"].strip() or told["tools"]) or text is False and not told["tools"]:
                continue
            return row["id"], told
        raise Skip("there is no such recording")

    def tell(self, client, feature, provider, result, detail=""):
        print(json.dumps([client, feature, provider, result, detail]), flush=True)

    def row(self, client, feature, provider, endpoint, action):
        """Tries one row. `action` raises when it goes wrong."""
        if self.only and self.only not in f"{client} {feature} {provider}":
            return
        if not self.served[endpoint] or provider and not self.dialects[provider]:
            what = endpoint if not self.served[endpoint] else provider
            return self.tell(client, feature, provider, "not served", what)
        try:
            action()
        except Skip as reason:
            self.tell(client, feature, provider, "skipped", str(reason))
        except Exception as error:  # noqa: BLE001 — a client may raise anything; it is the row's result
            place = traceback.extract_tb(error.__traceback__)[-1]
            detail = f"{type(error).__name__}: {error} ({place.name}:{place.lineno})".replace("\n", " ")
            self.tell(client, feature, provider, "failed", detail[:300])
        else:
            self.tell(client, feature, provider, "ok")


def same(got, recorded):
    """Text as it was recorded, but for white space around it."""
    if (got or "").strip() != recorded["text"].strip():
        raise AssertionError(f"text of {len(got or '')} characters, recorded {len(recorded['text'])}")


def same_tools(got, recorded):
    """Calls as (name, arguments) as they were recorded."""
    canon = [(name, json.dumps(arguments, sort_keys=True, ensure_ascii=False)) for name, arguments in got]
    wanted = [tuple(call) for call in recorded["tools"]]
    if canon != wanted:
        raise AssertionError(f"{len(canon)} calls, recorded {len(wanted)}, or other arguments")
