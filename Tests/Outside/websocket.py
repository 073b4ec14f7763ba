"""WebSocket frames on raw sockets, for both ends, right and wrong."""

import base64
import hashlib
import json
import os
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def accept(key):
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return base64.b64encode(digest).decode()


def frame(opcode, payload=b"", masked=True, final=True, reserved=0, length=None):
    """One frame; `length` declares another than the payload's."""
    count = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    bit = 0x80 if masked else 0
    if count < 126:
        head += bytes([bit | count])
    elif count < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", count)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", count)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def close(code, reason=b"", masked=True):
    return frame(CLOSE, struct.pack(">H", code) + reason, masked)


class Ended(Exception):
    """The other end is gone."""


class Side:
    """One end of a WebSocket, its handshake over: `take(n)` reads exactly so many bytes."""

    def __init__(self, sock, buffer=b"", masks=True):
        self.socket = sock
        self.buffer = buffer
        self.masks = masks

    def take(self, count):
        while len(self.buffer) < count:
            data = self.socket.recv(1 << 16)
            if not data:
                raise Ended()
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read(self):
        """(final, opcode, payload); checks that the sender masks as its role demands."""
        first, second = self.take(2)
        assert first & 0x70 == 0, "reserved bits"
        assert bool(second & 0x80) != self.masks, "masking"
        count = second & 0x7F
        if count == 126:
            (count,) = struct.unpack(">H", self.take(2))
        elif count == 127:
            (count,) = struct.unpack(">Q", self.take(8))
        key = self.take(4) if second & 0x80 else None
        payload = self.take(count)
        if key:
            payload = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
        return bool(first & 0x80), first & 0x0F, payload

    def send(self, opcode, payload=b"", **more):
        self.socket.sendall(frame(opcode, payload, masked=self.masks, **more))

    def send_event(self, **event):
        self.send(TEXT, json.dumps(event).encode())

    def event(self):
        final, opcode, payload = self.read()
        assert (final, opcode) == (True, TEXT), (final, opcode, payload)
        return json.loads(payload)

    def close_code(self):
        """Reads up to the close frame; its code."""
        while True:
            _, opcode, payload = self.read()
            if opcode == CLOSE:
                return struct.unpack(">H", payload[:2])[0] if payload else None
