#!/usr/bin/env python3
"""`kill -9` in a loop, under load: no receipt of an answer that was read to its end is lost, the chain verifies, and the
server is there again within a second. crash.py --binary PATH [--rounds 200]"""

import argparse
import os
import random
import sys
import threading
import time


def load(tacet, key, answered, stop):
    """Plain answers and streams on a kept connection until the server is gone; ids of whole answers are noted."""
    turn = 0
    try:
        with tacet.connect(timeout=5) as connection:
            while not stop.is_set():
                turn += 1
                body = tacet_process.chat("mock/stream", stream=True) if turn % 3 == 0 else tacet_process.chat("mock/plain")
                answer = tacet.post(body, key, connection=connection)
                if answer.status == 200 and answer.ended in ("length", "chunked"):
                    answered.append(answer.request_id)
    except (OSError, http_client.ConnectionEnded, AssertionError, ValueError):
        pass


def run_round(tacet, key):
    answered, stop = [], threading.Event()
    threads = [threading.Thread(target=load, args=(tacet, key, answered, stop)) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(random.uniform(0.1, 0.6))
    tacet.kill()
    stop.set()
    for thread in threads:
        thread.join()
    start = time.monotonic()
    tacet.start()
    took = time.monotonic() - start
    lost = ledger_file.missing(tacet.data, answered)
    end = time.monotonic() + 10
    while lost and time.monotonic() < end:
        time.sleep(0.05)
        lost = ledger_file.missing(tacet.data, lost)
    return len(answered), len(lost), took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--start-within", type=float, default=1.0, help="seconds a start may take")
    arguments = parser.parse_args()
    os.environ["TACET_BINARY"] = os.path.abspath(arguments.binary)
    upstream = scripted_upstream.ScriptedUpstream()
    upstream.script("plain", scripted_upstream.plain())
    upstream.script("stream", scripted_upstream.stream(scripted_upstream.events(["a", "b"], usage=(5, 3))))
    total, lost, slowest, rounds = 0, 0, 0.0, 0
    with tacet_process.Tacet({"mock": tacet_process.provider(upstream)}) as tacet:
        key = tacet.key()["key"]
        for rounds in range(1, arguments.rounds + 1):
            answers, gone, took = run_round(tacet, key)
            total, lost, slowest = total + answers, lost + gone, max(slowest, took)
            if gone:
                print(f"round {rounds}: {gone} of {answers} receipts lost")
            if rounds % 10 == 0 or rounds == arguments.rounds:
                tacet.command("receipts", "verify", timeout=300)
                print(f"{rounds} rounds: {total} answers, {lost} lost, chain verified, slowest start {slowest:.2f} s",
                      flush=True)
    upstream.stop()
    return 0 if lost == 0 and total > 0 and slowest <= arguments.start_within else 1


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import http_client
    import ledger_file
    import scripted_upstream
    import tacet_process

    sys.exit(main())
