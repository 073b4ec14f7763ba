"""Other dialects' clients in front of the mock, which speaks OpenAI's chat: what a translation costs beside passing on."""

import json
import statistics
import struct
import time

import http_client

WORDS = "the quick brown fox jumps over the lazy dog, again and again; "


def messages(text, model, stream):
    value = {"model": model, "max_tokens": 1024, "messages": [{"role": "user", "content": text}]}
    return "/v1/messages", value | ({"stream": True} if stream else {})


def responses(text, model, stream):
    value = {"model": model, "input": [{"role": "user", "content": text}], "store": False}
    return "/v1/responses", value | ({"stream": True} if stream else {})


def gemini(text, model, stream):
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/v1beta/models/{model}:{verb}", {"contents": [{"role": "user", "parts": [{"text": text}]}]}


CLIENTS = {"messages": messages, "responses": responses, "gemini": gemini}


def request(client, size, stream):
    """Path and body of about `size` bytes."""
    model = "stream/bench" if stream else "mock/bench"
    bare = len(json.dumps(CLIENTS[client]("", model, stream)[1]))
    text = (WORDS * (size // len(WORDS) + 1))[: max(1, size - bare)]
    path, value = CLIENTS[client](text, model, stream)
    return path, json.dumps(value)


def served(tacet):
    """The dialects this version answers."""
    return [client for client in CLIENTS if first_byte(tacet, *request(client, 256, False), 1)]


def first_byte(contender, path, body, count):
    """Median µs from a request's sending to the first bytes of its answer; `None` when it is refused."""
    fields = [("Content-Type", "application/json"), ("anthropic-version", "2023-06-01")]
    if contender.key:
        fields.append(("Authorization", f"Bearer {contender.key}"))
    message = http_client.request("POST", path, fields, body.encode())
    times = []
    for _ in range(count):
        with http_client.Connection(contender.port) as connection:
            start = time.monotonic()
            connection.send(message)
            data = connection.receive()
            times.append((time.monotonic() - start) * 1e6)
            if not data.startswith(b"HTTP/1.1 200"):
                return None
    return statistics.median(times)


def measure(bench, wrk, tacet, plain_body, stream_body, rounds, seconds):
    """{(client, kind): [µs of CPU, against passing on]}; each round runs passing on and every translation."""
    found = {}
    for kind, passed, stream in (("plain", plain_body, False), ("stream", stream_body, True)):
        for turn in range(rounds + 1):
            base = wrk(tacet, tacet.plain, passed, seconds if turn else 1, bench.folder)
            for client in served(tacet):
                path, body = request(client, 2048, stream)
                one = wrk(tacet, path, body, seconds if turn else 1, bench.folder)
                if turn and base["cpu"]:
                    found.setdefault((client, kind), []).append((one["cpu"], one["cpu"] / base["cpu"], one["errors"]))
    return found


def allocations(contender, counts, client, events, count=300):
    """Allocations per event of a translated stream."""
    path, body = request(client, 2048, True)
    fields = [("Authorization", f"Bearer {contender.key}"), ("Content-Type", "application/json")]
    message = http_client.request("POST", path, fields, body.encode())
    with http_client.Connection(contender.port) as connection:
        for turn in range(2):
            before = struct.unpack_from("<Q", counts)[0]
            for _ in range(count if turn else 50):
                connection.send(message)
                if connection.read().status != 200:
                    return None
        return (struct.unpack_from("<Q", counts)[0] - before) / count / events


def table(found, mallocs, waits):
    lines = ["| translated to chat, 2 KB | CPU µs | against passing on | errors |", "|---|--:|--:|--:|"]
    for (client, kind), runs in found.items():
        cpu, ratio = (statistics.median(run[place] for run in runs) for place in (0, 1))
        lines.append(f"| {client}, {kind} | {cpu:.1f} | {ratio:.2f} | {sum(run[2] for run in runs)} |")
    lines += ["", "| one stream at a time, new connection | first byte µs | more than passing on |", "|---|--:|--:|"]
    lines += [f"| {client} | {wait:.0f} | {wait - waits['chat']:.0f} |" for client, wait in waits.items() if wait]
    said = ", ".join(f"{client} {value:.2f}" for client, value in mallocs.items() if value is not None)
    return lines + (["", f"Allocations per event of a translated stream: {said}."] if said else [])
