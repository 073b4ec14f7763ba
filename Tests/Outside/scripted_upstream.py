"""A provider that does exactly what a test says, on raw sockets: bytes, timing and faults.

The model name in the request picks the script. What was received is kept whole, so that a test can compare bytes.
"""

import gzip
import json
import socket
import ssl
import threading
import time


class Received:
    """One request as the provider saw it."""

    def __init__(self, head, body, connection):
        self.head = head
        self.body = body
        self.connection = connection
        lines = head[:-4].split(b"\r\n")
        self.method, self.target, self.version = lines[0].decode("latin1").split(" ")
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            self.headers.append((name.decode("latin1").lower(), value.strip().decode("latin1")))

    def header(self, name):
        values = [value for key, value in self.headers if key == name]
        return values[0] if values else None

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


class Peer:
    """The gateway's connection, as a script handles it."""

    def __init__(self, sock):
        self.socket = sock
        self.buffer = b""
        self.alive = True
        #: when the other side was seen to be gone
        self.gone_at = None

    def send(self, data):
        self.socket.sendall(data)

    def pause(self, seconds):
        """Waits, and notices if the gateway goes meanwhile. Answers whether it is still there."""
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(4096)
            if data:
                self.buffer += data
            else:
                self.gone_at = time.monotonic()
        except TimeoutError:
            pass
        except (OSError, ssl.SSLError):
            self.gone_at = time.monotonic()
        self.socket.settimeout(60)
        return self.gone_at is None

    def close(self):
        self.alive = False

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.alive = False


class ScriptedUpstream:
    """Serves until stopped. `scripts` maps a model name to `script(peer, received)`."""

    def __init__(self, tls=None):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.tls = tls
        self.scripts = {}
        self.default = plain()
        self.log = []
        self.peers = {}
        self.lock = threading.Lock()
        self.connections = 0
        self.running = True
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        self.running = False
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def script(self, model, function):
        self.scripts[model] = function
        return model

    @property
    def asked(self):
        """All chats so far, without the gateway's own looks at whether the provider answers."""
        with self.lock:
            return [item for item in self.log if item.method == "POST"]

    def received(self, model):
        """All requests for a model so far."""
        with self.lock:
            return [item for item in self.log if item.json.get("model") == model]

    def accept(self):
        while self.running:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(sock, self.connections), daemon=True).start()

    def serve(self, sock, number):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(60)
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            peer = Peer(sock)
            while peer.alive and self.running:
                received = read_request(peer, number)
                if received is None:
                    break
                model = received.json.get("model") if received.body else received.target
                with self.lock:
                    self.log.append(received)
                    self.peers[model] = peer
                self.scripts.get(model, self.default)(peer, received)
        except (OSError, ssl.SSLError):
            pass
        finally:
            try:
                sock.close()
            except OSError:
                pass


def read_request(peer, number):
    while b"\r\n\r\n" not in peer.buffer:
        data = peer.socket.recv(65536)
        if not data:
            return None
        peer.buffer += data
    head, peer.buffer = peer.buffer.split(b"\r\n\r\n", 1)
    head += b"\r\n\r\n"
    received = Received(head, b"", number)
    if "chunked" in (received.header("transfer-encoding") or ""):
        body = b""
        while True:
            while b"\r\n" not in peer.buffer:
                peer.buffer += peer.socket.recv(65536)
            line, peer.buffer = peer.buffer.split(b"\r\n", 1)
            size = int(line.split(b";")[0], 16)
            while len(peer.buffer) < size + 2:
                peer.buffer += peer.socket.recv(65536)
            body, peer.buffer = body + peer.buffer[:size], peer.buffer[size + 2 :]
            if size == 0:
                break
        received.body = body
    else:
        size = int(received.header("content-length") or 0)
        parts, have = [peer.buffer], len(peer.buffer)
        while have < size:
            data = peer.socket.recv(1 << 20)
            if not data:
                return None
            parts.append(data)
            have += len(data)
        whole = b"".join(parts)
        received.body, peer.buffer = whole[:size], whole[size:]
    return received


# What providers say.


def completion(text="pong", model="gpt", usage=(11, 7), **more):
    """The bytes of a chat completion, with spacing that no encoder of ours would write."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": model,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None}
        ],
        **more,
    }
    if isinstance(usage, dict):
        body["usage"] = usage
    elif usage:
        body["usage"] = {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": usage[0] + usage[1],
            "prompt_tokens_details": {"cached_tokens": 0},
        }
    return json.dumps(body, indent=1, separators=(" ,", " : ")).encode() + b"\n"


def events(words, model="gpt", usage=None, done=True, line_end=b"\n"):
    """A streamed completion as a list of event bytes; `usage` adds the usage-only event."""
    out = []

    def event(choices, **more):
        data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": choices}
        out.append(b"data: " + json.dumps({**data, **more}).encode() + line_end * 2)

    event([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
    for word in words:
        event([{"index": 0, "delta": {"content": word}, "finish_reason": None}])
    event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    if usage:
        total = usage[0] + usage[1]
        event([], usage={"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": total})
    if done:
        out.append(b"data: [DONE]" + line_end * 2)
    return out


def head(status, headers=(), reason="OK"):
    lines = [f"HTTP/1.1 {status} {reason}"] + [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin1")


JSON = ("content-type", "application/json")
SSE = ("content-type", "text/event-stream; charset=utf-8")


# Scripts.


def plain(body=None, status=200, headers=(), split=None, gap=0.0, before=0.0):
    """A whole answer, in pieces of `split` bytes if given."""

    def run(peer, received):
        data = completion(model=received.json.get("model", "gpt")) if body is None else body
        if before and not peer.pause(before):
            return peer.close()
        message = head(status, [JSON, ("content-length", len(data)), *headers]) + data
        for at in range(0, len(message), split or len(message)):
            peer.send(message[at : at + (split or len(message))])
            if gap:
                time.sleep(gap)

    return run


def stream(pieces, gap=0.0, headers=(), end=True, framing="chunked"):
    """A streamed answer: each piece is one write (and one chunk)."""

    def run(peer, received):
        first = [SSE, *headers] + ([("transfer-encoding", "chunked")] if framing == "chunked" else [])
        peer.send(head(200, first))
        for piece in pieces:
            peer.send(b"%x\r\n%s\r\n" % (len(piece), piece) if framing == "chunked" else piece)
            if gap and not peer.pause(gap):
                return peer.close()
        if framing == "chunked" and end:
            peer.send(b"0\r\n\r\n")
        if framing != "chunked" or not end:
            peer.close()

    return run


def raw(data, then="close", wait=0.0):
    """Exactly these bytes, then `close`, `reset`, `stall` (until the gateway goes) or `keep`."""

    def run(peer, received):
        if data:
            peer.send(data)
        if wait:
            time.sleep(wait)
        if then == "close":
            peer.close()
        elif then == "reset":
            peer.reset()
        elif then == "stall":
            while peer.pause(0.02):
                pass
            peer.close()

    return run


def dribble(data, size, gap=0.002, then="keep"):
    """These bytes, a few at a time: reads end inside chunk lines, heads and events."""

    def run(peer, received):
        for at in range(0, len(data), size):
            peer.send(data[at : at + size])
            time.sleep(gap)
        if then == "close":
            peer.close()

    return run


def chunked_stream(pieces):
    """The bytes of a streamed answer, each piece one chunk."""
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head(200, [SSE, ("transfer-encoding", "chunked")]) + framed + b"0\r\n\r\n"


def endless(piece, first=b"", gap=0.0):
    """Sends for ever, until the gateway goes."""

    def run(peer, received):
        peer.send(first)
        try:
            while True:
                peer.send(piece)
                if gap and not peer.pause(gap):
                    break
        except OSError:
            peer.gone_at = time.monotonic()
        peer.close()

    return run


def compressed(body):
    """An answer in gzip, although identity was asked for."""
    data = gzip.compress(body)
    return raw(head(200, [JSON, ("content-encoding", "gzip"), ("content-length", len(data))]) + data, then="keep")
