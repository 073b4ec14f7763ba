"""A small HTTP/1.1 client that shows bytes: what was sent is what the test wrote, what came is kept raw."""

import json
import socket
import ssl
import time


class Answer:
    """One parsed response. `raw_head` and `body` are as received (chunked framing taken off)."""

    def __init__(self, status, headers, raw_head, body, ended, pieces):
        self.status = status
        self.headers = headers
        self.raw_head = raw_head
        self.body = body
        #: "length", "chunked", "close" (framed to the end), or "cut" (the connection ended inside the body)
        self.ended = ended
        #: [(seconds since the request was sent, bytes)] as read from the socket
        self.pieces = pieces

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return values[0] if values else None

    @property
    def request_id(self):
        return self.header("x-tacet-request-id")

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """`error.code` of an error in OpenAI's shape, else None."""
        try:
            return self.json()["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return None


class ConnectionEnded(Exception):
    """The peer closed before a whole head came."""


class Connection:
    """One client connection; several requests may be written on it."""

    def __init__(self, port, tls=None, timeout=60, host="127.0.0.1", receive_buffer=None, name="localhost"):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=name)
        self.buffer = b""
        self.sent_at = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass

    def reset(self):
        """Ends the connection with a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data):
        self.sent_at = time.monotonic()
        self.socket.sendall(data)

    def receive(self, limit=65536):
        try:
            return self.socket.recv(limit)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            return b""

    def until(self, mark):
        while mark not in self.buffer:
            data = self.receive()
            if not data:
                raise ConnectionEnded(self.buffer[:200])
            self.buffer += data
        at = self.buffer.index(mark) + len(mark)
        taken, self.buffer = self.buffer[:at], self.buffer[at:]
        return taken

    def head(self):
        """Reads one head: (status, headers, raw)."""
        raw = self.until(b"\r\n\r\n")
        lines = raw[:-4].split(b"\r\n")
        status = int(lines[0].split(b" ")[1])
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            headers.append((name.decode("latin1"), value.strip().decode("latin1")))
        return status, headers, raw

    def read(self, method="POST", interim=False):
        """Reads the next response; interim (1xx) ones are skipped unless asked for."""
        while True:
            status, headers, raw = self.head()
            if status >= 200 or interim:
                break
        fields = {name.lower(): value for name, value in headers}
        body, ended, pieces = b"", "length", []

        def more():
            data = self.receive()
            pieces.append((time.monotonic() - self.sent_at, data))
            self.buffer += data
            return bool(data)

        if method == "HEAD" or status in (204, 304) or status < 200:
            pass
        elif "chunked" in fields.get("transfer-encoding", "").lower():
            ended = "chunked"
            pieces.append((time.monotonic() - self.sent_at, self.buffer))
            while True:
                while b"\r\n" not in self.buffer:
                    if not more():
                        return Answer(status, headers, raw, body + self.buffer, "cut", pieces)
                line, self.buffer = self.buffer.split(b"\r\n", 1)
                size = int(line.split(b";")[0], 16)
                while len(self.buffer) < size + 2:
                    if not more():
                        return Answer(status, headers, raw, body + self.buffer[:size], "cut", pieces)
                body += self.buffer[:size]
                if self.buffer[size : size + 2] != b"\r\n":
                    raise AssertionError("a chunk does not end with CR LF")
                self.buffer = self.buffer[size + 2 :]
                if size == 0:
                    break
        elif "content-length" in fields:
            size = int(fields["content-length"])
            while len(self.buffer) < size:
                if not more():
                    return Answer(status, headers, raw, self.buffer, "cut", pieces)
            body, self.buffer = self.buffer[:size], self.buffer[size:]
        else:
            ended = "close"
            while more():
                pass
            body, self.buffer = self.buffer, b""
        return Answer(status, headers, raw, body, ended, pieces)

    def is_closed(self, within=5.0):
        """Whether the peer ends the connection within the time."""
        self.socket.settimeout(within)
        try:
            while True:
                if not self.socket.recv(65536):
                    return True
        except (ConnectionResetError, ssl.SSLError):
            return True
        except TimeoutError:
            return False


def request(method, path, headers=(), body=b"", host="127.0.0.1", length=True):
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"] + [f"{name}: {value}" for name, value in headers]
    if length and (body or method in ("POST", "PUT")):
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin1") + body


def chunked(body, sizes):
    """The body in chunked framing, cut at the given sizes again and again."""
    out, at, index = b"", 0, 0
    while at < len(body):
        size = sizes[index % len(sizes)]
        piece = body[at : at + size]
        out += b"%x\r\n%s\r\n" % (len(piece), piece)
        at, index = at + size, index + 1
    return out + b"0\r\n\r\n"
