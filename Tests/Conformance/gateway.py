"""Tacet with one provider of each dialect, all of them the replay server, and a sandbox key."""

import glob
import json

import replay_check
import tacet_process

missing = tacet_process.missing

#: Providers by name, and the dialect each speaks.
PROVIDERS = {"oai": "openai", "ant": "anthropic", "rsp": "openai-responses", "gem": "gemini"}

#: What a client may ask for, by the words of the rows.
ENDPOINTS = {
    "chat": "/v1/chat/completions",
    "messages": "/v1/messages",
    "count_tokens": "/v1/messages/count_tokens",
    "responses": "/v1/responses",
    "gemini": "/v1beta/models/gem/x:generateContent",
    "embeddings": "/v1/embeddings",
    "images": "/v1/images/generations",
    "moderations": "/v1/moderations",
    "audio": "/v1/audio/transcriptions",
}


class Stand:
    def __init__(self, python, shared):
        self.shared = shared
        self.replay = replay_check.Server(python, shared)
        base = f"http://127.0.0.1:{self.replay.port}"
        paths = {"gemini": "/v1beta"}
        self.tacet = tacet_process.Tacet(
            {
                name: f"{{ dialect: {dialect}, base_url: {base}{paths.get(dialect, '/v1')}, key: env:MOCK_KEY, price: free }}"
                for name, dialect in PROVIDERS.items()
            }
        )
        self.tacet.serve_options = ["--verify-streams"]

    def __enter__(self):
        self.tacet.start()
        self.url = f"http://127.0.0.1:{self.tacet.api}"
        self.key = self.tacet.key("conformance")["key"]
        self.sandbox_key = self.tacet.key("sandbox", "--test")["key"]
        said = self.tacet.said()
        self.dialects = {
            name: f"{name} speaks {dialect}, which this version does not serve" not in said
            for name, dialect in PROVIDERS.items()
        }
        self.served = {name: self.serves(path) for name, path in ENDPOINTS.items()}
        return self

    def __exit__(self, *_):
        self.tacet.remove()
        self.replay.stop()

    def serves(self, path):
        """Whether the gateway knows the path: an unknown one is 404 with a code of its own, before the body is read."""
        with self.tacet.connect() as connection:
            answer = self.tacet.post({}, self.key, path=path, connection=connection)
        return b"unknown_route" not in answer.body.lower()

    def violations(self):
        """Streams that Tacet wrote and that broke a rule of their dialect."""
        self.tacet.stop()
        found = []
        for path in glob.glob(f"{self.tacet.data}/logs/*.log"):
            with open(path, encoding="utf-8") as lines:
                events = [json.loads(line) for line in lines]
            found += [e for e in events if e["event"] == "stream_violation" and e["origin"] == "written"]
        return found
