#!/usr/bin/env python3
"""Memory of open streams: opens many, each answered with a first event and kept open by the provider, and divides what the
server holds more by their number. streams.py --binary PATH [--streams 10000]"""

import argparse
import json
import os
import pathlib
import resource
import selectors
import socket
import sys
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENT = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"word"}}]}\n\n'


def provider():
    """Answers every request with one event, and then nothing; one thread for all connections."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setblocking(False)
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)

    def run():
        while True:
            for key, _ in waiting.select():
                if key.fileobj is listener:
                    peer, _ = listener.accept()
                    waiting.register(peer, selectors.EVENT_READ)
                elif data := key.fileobj.recv(65536):
                    if data.startswith(b"POST"):
                        key.fileobj.sendall(HEAD + b"%x\r\n%s\r\n" % (len(EVENT), EVENT))
                else:
                    waiting.unregister(key.fileobj)
                    key.fileobj.close()

    threading.Thread(target=run, daemon=True).start()
    return listener.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--streams", type=int, default=10_000)
    arguments = parser.parse_args()
    os.environ["TACET_BINARY"] = os.path.abspath(arguments.binary)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    entry = f"{{ dialect: openai, base_url: http://127.0.0.1:{provider()}/v1, key: none, price: free }}"
    limits = "connections: 100000, connections_per_address: 100000"
    with tacet_process.Tacet({"mock": entry}, limits=limits) as tacet:
        key = tacet.key()["key"]
        body = json.dumps(tacet_process.chat("mock/x", "p" * 1000, stream=True)).encode()
        fields = [("Content-Type", "application/json"), ("Authorization", f"Bearer {key}")]
        message = http_client.request("POST", "/v1/chat/completions", fields, body)

        def open_some(count):
            peers = []
            for _ in range(count):
                peer = socket.create_connection(("127.0.0.1", tacet.api), timeout=30)
                peer.sendall(message)
                peers.append(peer)
                if len(peers) % 200 == 0:
                    for each in peers[-200:]:
                        said = each.recv(4096)
                        assert said.startswith(b"HTTP/1.1 200 "), said
            return peers

        warm = open_some(200)
        time.sleep(1)
        before = tacet.resident()
        start = time.monotonic()
        peers = open_some(arguments.streams)
        took = time.monotonic() - start
        time.sleep(2)
        each = (tacet.resident() - before) / arguments.streams
        for peer in warm + peers:
            peer.close()
        print(f"{arguments.streams} open streams in {took:.1f} s: {each / 1024:.1f} KiB each")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests" / "Outside"))
    import http_client
    import tacet_process

    sys.exit(main())
