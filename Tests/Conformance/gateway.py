"""Tacet with one provider of each dialect, all of them the replay server, and a sandbox key."""

import glob
import json

import replay_check
import scripted_upstream as up
import tacet_process
import websocket as ws

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

USAGE = {
    "input_tokens": 12, "output_tokens": 3, "total_tokens": 15,
    "input_token_details": {"text_tokens": 12, "audio_tokens": 0, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 3, "audio_tokens": 0},
}  # fmt: skip


def realtime(peer, received):
    """A provider of realtime sessions, by the published events: answers every request for a response with `pong`."""
    key = received.header("sec-websocket-key")
    if not key:
        return up.plain()(peer, received)
    fields = [("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", ws.accept(key))]
    peer.send(up.head(101, fields, reason="Switching Protocols"))
    side = ws.Side(peer.socket, peer.buffer, masks=False)
    side.send_event(type="session.created", event_id="event_1", session={"type": "realtime", "model": "gpt-realtime"})
    part = {"event_id": "event_2", "response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    response = {"object": "realtime.response", "id": "resp_1", "status": "completed", "output": [], "usage": USAGE}
    while True:
        _, opcode, payload = side.read()
        if opcode == ws.CLOSE:
            side.send(ws.CLOSE, payload)
            return peer.close()
        if opcode == ws.TEXT and json.loads(payload)["type"] == "response.create":
            side.send_event(type="response.created", event_id="event_3", response={**response, "usage": None})
            for word in ("po", "ng"):
                side.send_event(type="response.output_text.delta", delta=word, **part)
            side.send_event(type="response.done", event_id="event_4", response=response)


class Stand:
    def __init__(self, python, shared):
        self.shared = shared
        self.replay = replay_check.Server(python, shared)
        base = f"http://127.0.0.1:{self.replay.port}"
        paths = {"gemini": "/v1beta"}
        providers = {
            name: f"{{ dialect: {dialect}, base_url: {base}{paths.get(dialect, '/v1')}, key: env:MOCK_KEY, price: free }}"
            for name, dialect in PROVIDERS.items()
        }
        self.realtime = up.ScriptedUpstream()
        self.realtime.default = realtime
        at = f"http://127.0.0.1:{self.realtime.port}/v1"
        providers["rt"] = f"{{ dialect: openai, base_url: {at}, key: env:MOCK_KEY, price: free }}"
        self.tacet = tacet_process.Tacet(providers)
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
        self.served = {name: self.serves(path) for name, path in ENDPOINTS.items()} | {"realtime": True}
        return self

    def __exit__(self, *_):
        self.tacet.remove()
        self.replay.stop()
        self.realtime.stop()

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
