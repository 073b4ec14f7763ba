"""Floods: what a client may send of HTTP/2 frames, and how many connections it may hold, is bounded; others do not notice."""

import json
import socket
import struct
import time

import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name_index, value):
    """A header by a name of the static table, not indexed."""
    return bytes([name_index, len(value)]) + value


#: GET /healthz over http
REQUEST = b"\x82\x86" + literal(4, b"/healthz") + literal(1, b"tacet")


class Floods(OutsideCase):
    limits = "connections_per_address: 50"

    def flood(self, frames, within=10):
        """Sends frames until the gateway ends the connection. Answers how many it took, or None when it took them all."""
        with socket.create_connection(("127.0.0.1", self.tacet.api), timeout=within) as peer:
            peer.sendall(PREFACE + frame(SETTINGS, 0, 0))
            peer.setblocking(True)
            peer.settimeout(0.002)
            for count, data in enumerate(frames):
                try:
                    peer.settimeout(within)
                    peer.sendall(data)
                    peer.settimeout(0.002)
                    if not peer.recv(65536):
                        return count
                except TimeoutError:
                    continue
                except OSError:
                    return count
            peer.settimeout(within)
            try:
                while peer.recv(65536):
                    pass
                return len(frames)
            except TimeoutError:
                return None
            except OSError:
                return len(frames)

    def others_are_served(self):
        self.upstream.script("plain", up.plain())
        self.assertEqual(self.ask("plain").status, 200)

    def test_an_honest_client_is_served(self):
        with socket.create_connection(("127.0.0.1", self.tacet.api), timeout=60) as peer:
            peer.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 5, 1, REQUEST))
            seen = b""
            while b"ok\n" not in seen:
                data = peer.recv(65536)
                self.assertTrue(data, seen)
                seen += data

    def test_an_answer_before_the_end_of_a_body_arrives_whole(self):
        post = b"\x83\x86" + literal(4, b"/v1/chat/completions") + literal(1, b"tacet")
        with socket.create_connection(("127.0.0.1", self.tacet.api), timeout=60) as peer:
            peer.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 4, 1, post))
            seen = b""
            while b"missing_api_key" not in seen:
                data = peer.recv(65536)
                self.assertTrue(data, seen)
                seen += data

    def test_frames_are_counted(self):
        resets = [
            frame(HEADERS, 5, 2 * index + 1, REQUEST) + frame(RST_STREAM, 0, 2 * index + 1, struct.pack(">I", 8))
            for index in range(2000)
        ]
        empty = [frame(HEADERS, 4, 1, b"\x83\x86" + literal(4, b"/v1/models") + literal(1, b"t"))]
        cases = {
            "resets": resets,
            "pings": [frame(PING, 0, 0, b"12345678")] * 2000,
            "settings": [frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 70000))] * 2000,
            "empty data": empty + [frame(DATA, 0, 1)] * 2000,
            "continuations": [frame(HEADERS, 0, 1, REQUEST)] + [frame(CONTINUATION, 0, 1, b"")] * 2000,
        }
        for name, frames in cases.items():
            with self.subTest(name):
                self.assertIsNotNone(self.flood(frames), "the connection lives")
                self.others_are_served()

    def test_a_header_list_is_bounded(self):
        huge = REQUEST + b"".join(b"\x00\x01a\x7f\x81\x01" + b"x" * 256 for _ in range(400))
        pieces = [huge[at : at + 16000] for at in range(0, len(huge), 16000)]
        frames = [frame(HEADERS, 1, 1, pieces[0])]
        frames += [frame(CONTINUATION, 4 if at == len(pieces) - 2 else 0, 1, piece) for at, piece in enumerate(pieces[1:])]
        self.assertIsNotNone(self.flood(frames))
        self.others_are_served()

    def test_one_address_holds_so_many_connections(self):
        held = [socket.create_connection(("127.0.0.1", self.tacet.api)) for _ in range(60)]
        # The last ten were closed when they were accepted.
        time.sleep(0.2)
        open_ones = 0
        for peer in held:
            peer.settimeout(0.01)
            try:
                open_ones += bool(peer.recv(1))
            except TimeoutError:
                open_ones += 1
            except OSError:
                pass
        self.assertLessEqual(open_ones, 50)
        self.assertGreaterEqual(open_ones, 45)
        for peer in held:
            peer.close()
        self.eventually(self.is_served, message="room did not come back")

    def is_served(self):
        try:
            return self.ask("plain").status == 200
        except (OSError, http_client.ConnectionEnded):
            return False

class Stalls(OutsideCase):
    limits = "write_stall: 2s"

    def setUp(self):
        self.gone = []

        def flood(peer, received):
            event = b'data: {"choices":[{"index":0,"delta":{"content":"' + b"x" * 16000 + b'"}}]}\n\n'
            peer.send(up.head(200, [up.SSE, ("transfer-encoding", "chunked")]))
            try:
                while True:
                    peer.send(b"%x\r\n%s\r\n" % (len(event), event))
            except OSError:
                self.gone.append(time.monotonic())
            peer.close()

        self.upstream.script("flood", flood)
        self.body = json.dumps(tacet_process.chat("mock/flood", stream=True)).encode()

    def is_cut(self, peer):
        """Whether the provider is told within reach of the limit, and not before it."""
        began = time.monotonic()
        self.eventually(lambda: self.gone, within=30, message="the provider goes on for a client that takes nothing")
        self.assertGreater(self.gone[0] - began, 1)
        peer.close()
        self.upstream.script("plain", up.plain())
        self.assertEqual(self.ask("plain").status, 200)

    def test_a_client_that_takes_nothing(self):
        connection = http_client.Connection(self.tacet.api, receive_buffer=4096)
        fields = [("Content-Type", "application/json"), ("Authorization", f"Bearer {self.key}")]
        connection.send(http_client.request("POST", "/v1/chat/completions", fields, self.body))
        connection.until(b"data:")
        self.is_cut(connection)

    def test_an_http2_stream_whose_window_stays_shut(self):
        def field(index, value):
            # A name of the static table beyond the prefix of four bits, a value of less than 127 bytes.
            return b"\x0f" + bytes([index - 15, len(value)]) + value

        head = b"\x83\x86" + literal(4, b"/v1/chat/completions") + literal(1, b"tacet")
        head += field(31, b"application/json") + field(23, f"Bearer {self.key}".encode())
        peer = socket.create_connection(("127.0.0.1", self.tacet.api), timeout=20)
        peer.sendall(
            PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1000)) + frame(HEADERS, 4, 1, head)
            + frame(DATA, 1, 1, self.body))
        seen = b""
        while b"data:" not in seen:
            data = peer.recv(65536)
            self.assertTrue(data, seen)
            seen += data
        self.is_cut(peer)
