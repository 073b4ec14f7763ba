#!/usr/bin/env python3
"""Sends the framing corpora to a running Tacet on a raw socket, and to nginx and HAProxy when they are installed.

    framing.py HOST:PORT CORPORA [--all]

CORPORA is the folder that holds smuggling/ and http1-llhttp/. Prints a row for each request of which Tacet took another
number of messages than every other server (with --all, a row for every request): the statuses each answered with. Exit
1 when Tacet took more messages from a request than every other server did.
"""

import base64
import concurrent.futures
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

# What says "I do not take this message"; any other status is an answer to a message that was taken.
REFUSALS = {400, 405, 408, 411, 413, 414, 417, 431, 501, 505}
SILENCE = 0.4


def cases(corpora):
    for case in json.loads((corpora / "smuggling/http1-framing-cases.json").read_text()):
        # The escapes, with what is not ASCII kept as UTF-8.
        text = case["request_escaped"].encode().decode("unicode_escape")
        yield case["name"], text.encode("latin-1")
    for case in json.loads((corpora / "smuggling/te-cl-variants.json").read_text())["requests"]:
        yield case["name"], base64.b64decode(case["request_b64"])
        gadget = base64.b64decode(case["gadget_b64"])
        yield case["name"] + "/after", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n" + gadget + b"\r\n\r\n0\r\n\r\nG"
    for file in sorted((corpora / "http1-llhttp/request").glob("*.md")):
        for index, text in enumerate(re.findall(r"```http\n(.*?)\n```", file.read_text(), re.S)):
            text = text.replace("\\\n", "").replace("\n", "\r\n")
            for escape, sign in (("\\r", "\r"), ("\\n", "\n"), ("\\t", "\t"), ("\\f", "\f")):
                text = text.replace(escape, sign)
            if "\r\nhost:" not in text.lower():
                text = text.replace("\r\n", "\r\nHost: a\r\n", 1)
            yield f"{file.stem}/{index}", text.encode()


def statuses(data):
    """The statuses of the responses in `data`."""
    found = []
    while match := re.match(rb"HTTP/1\.[01] (\d{3})", data):
        head, separator, data = data.partition(b"\r\n\r\n")
        found.append(int(match[1]))
        if not separator:
            break
        head = head.lower()
        if found[-1] < 200 or found[-1] in (204, 304):
            continue
        if length := re.search(rb"\r\ncontent-length: *(\d+)", head):
            data = data[int(length[1]) :]
        elif b"\r\ntransfer-encoding: chunked" in head:
            data = data.partition(b"0\r\n\r\n")[2]
        else:
            break
    return [status for status in found if status >= 200]


def ask(address, request):
    """What a server answered, and whether it closed."""
    answer, closed = b"", False
    with socket.create_connection(address, timeout=5) as connection:
        connection.settimeout(SILENCE)
        try:
            connection.sendall(request)
            while part := connection.recv(65536):
                answer += part
            closed = True
        except TimeoutError:
            pass
        except OSError:
            closed = True
    return statuses(answer), closed


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def start(name, folder, port):
    """Starts a server that answers every request with 200, or returns None when it is not installed."""
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not program:
        return None
    configuration = folder / name
    if name == "nginx":
        configuration.write_text(
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}\n"
            f"http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};"
            f" uwsgi_temp_path {folder}; scgi_temp_path {folder};"
            f" server {{ listen 127.0.0.1:{port}; location / {{ return 200 ok; }} }} }}\n"
        )
        command = [program, "-c", configuration]
    else:
        configuration.write_text(
            "defaults\n mode http\n timeout client 5s\n timeout http-request 5s\n"
            f"frontend f\n bind 127.0.0.1:{port}\n http-request return status 200 content-type text/plain string ok\n"
        )
        command = [program, "-f", configuration]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(50):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process
        except OSError:
            time.sleep(0.1)
    process.kill()
    return None


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--all"]
    if len(arguments) != 2 or ":" not in arguments[0]:
        sys.exit(__doc__)
    host, port = arguments[0].rsplit(":", 1)
    servers = {"tacet": (host, int(port))}
    started = []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(16) as pool:
        for name in ("nginx", "haproxy"):
            port = free_port()
            if process := start(name, pathlib.Path(folder), port):
                started.append(process)
                servers[name] = ("127.0.0.1", port)
        try:
            requests = list(cases(pathlib.Path(arguments[1])))
            jobs = {
                (name, server): pool.submit(ask, address, request)
                for name, request in requests
                for server, address in servers.items()
            }
            answers = {key: job.result() for key, job in jobs.items()}
        finally:
            for process in started:
                process.terminate()
                process.wait()
    print(f"{'request':44}" + "".join(f"{server:20}" for server in servers))
    failures = differing = 0
    for name, _ in requests:
        rows = {server: answers[name, server] for server in servers}
        taken = {server: sum(status not in REFUSALS for status in found) for server, (found, _) in rows.items()}
        others = [count for server, count in taken.items() if server != "tacet"]
        is_bad = bool(others) and taken["tacet"] > max(others)
        is_different = taken["tacet"] not in others
        failures += is_bad
        differing += is_different
        if is_different or "--all" in sys.argv:
            texts = (
                " ".join(map(str, found)) + (" closed" if closed else " open") for found, closed in rows.values()
            )
            print(f"{name[:43]:44}" + "".join(f"{text:20}" for text in texts) + (" <- takes more" if is_bad else ""))
    print(f"{len(requests)} requests, {len(servers)} servers, Tacet alone in {differing}, took more in {failures}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
