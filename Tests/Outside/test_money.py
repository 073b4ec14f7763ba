"""Credit that cannot be overspent: wallets, leases, budgets, rates and scopes, seen from outside."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

CEILING = "pricing: { unknown: { ceiling: { input: 1, output: 10 } } }\n"
PREPAID = CEILING + "billing: prepaid\n"
# 1000 input and 100 output tokens at 1 and 10 USD a million: what one answer costs.
COST = 2_000_000
USAGE = (1000, 100)


def body(model, **more):
    return tacet_process.chat(f"mock/{model}", "y" * 1000, max_tokens=100, **more)


def balances(tacet):
    lines = tacet.command("ledger", "balance", "--json").stdout.splitlines()
    return {line["account"]: line["balance_nano_usd"] for line in map(json.loads, lines)}


def grant(tacet, amount, key):
    tacet.command("ledger", "grant", "--amount", amount, "--key", key)


class Wallet(OutsideCase):
    price = None
    extra = PREPAID

    def setUp(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=USAGE)))
        self.upstream.script("slow", up.plain(up.completion("x", usage=USAGE), before=0.3))
        self.upstream.script("flow", up.stream(up.events(["a"] * 20, usage=USAGE), gap=0.01))

    def sound(self):
        done = self.tacet.command("ledger", "check", "--json", check=False)
        self.assertEqual(done.returncode, 0, done.stdout.decode())

    def test_nothing_without_credit_and_exactly_what_was_used_with_it(self):
        answer = self.tacet.post(body("paid"), self.key)
        self.expect(answer, 402, "insufficient_credit")
        self.assertIn(b"Top up", answer.body)
        calls = len(self.upstream.received("paid"))
        grant(self.tacet, "1", "first")
        self.eventually(lambda: self.tacet.post(body("paid"), self.key).status == 200 or None)
        self.assertEqual(len(self.upstream.received("paid")), calls + 1)
        known = json.loads(self.tacet.get("/v1/balance", self.key).body)
        self.assertEqual((known["billing"], known["available_nano_usd"]), ("prepaid", 10**9 - COST))
        self.eventually(lambda: balances(self.tacet).get("revenue") == COST or None)
        self.assertEqual(balances(self.tacet)["provider-payable"], COST)
        self.sound()

    def test_a_stream_of_which_nothing_was_delivered_costs_nothing(self):
        self.upstream.script("flood", up.stream(up.events(["word " * 100_000], usage=(10, 100_000))[1:], gap=0.3))
        with tacet_process.Tacet({"mock": tacet_process.provider(self.upstream, price=None)}, extra=PREPAID) as tacet:
            key = tacet.key()["key"]
            grant(tacet, "0.01", "little")
            asked = tacet_process.chat("mock/flood", stream=True, max_tokens=100)
            answer = self.eventually(lambda: (lambda a: a if self.upstream.received("flood") else None)(tacet.post(asked, key)))
            self.expect(answer, 402, "insufficient_credit")
            receipt = tacet.receipt(answer.header("x-tacet-request-id"))
            self.assertEqual((receipt["charge_nano_usd"], receipt["completion"]), (0, "failed"))
            self.assertEqual(json.loads(tacet.get("/v1/balance", key).body)["available_nano_usd"], 10_000_000)

    seeds = int(os.environ.get("TACET_SEEDS", 1))

    def test_many_at_once_never_pass_the_wallet(self):
        """One seed is a thousand requests and streams, some cut by the client, against a wallet that affords ten."""
        served = []
        for seed in range(self.seeds):
            # Its own installation: the wallet's end is what is looked at.
            providers = {"mock": tacet_process.provider(self.upstream, price=None)}
            with self.subTest(seed=seed), tacet_process.Tacet(providers, extra=PREPAID) as tacet:
                served.append(self.overrun(tacet, random.Random(seed)))
            if seed % 10 == 9:
                print(f"{seed + 1} seeds: {sum(served)} answers paid by {len(served)} wallets for ten", flush=True)

    def overrun(self, tacet, numbers):
        """How many whole answers the wallet paid for."""
        key = tacet.key()["key"]
        # Each holds about 0.002 and costs as much: ten can be paid.
        grant(tacet, "0.0205", "ten")
        time.sleep(0.5)
        kinds = [numbers.choice(("slow", "flow", "flow", "cut")) for _ in range(1000)]

        def ask(kind):
            with tacet.connect(timeout=60) as connection:
                if kind != "cut":
                    more = {} if kind == "slow" else {"stream": True}
                    return tacet.post(body(kind, **more), key, connection=connection).status
                data = json.dumps(body("flow", stream=True)).encode()
                connection.send(http_client.request("POST", "/v1/chat/completions", [
                    ("Content-Type", "application/json"), ("Authorization", f"Bearer {key}")], data))
                with contextlib.suppress(OSError, http_client.ConnectionEnded):
                    connection.receive()
                connection.reset()
                return 0

        with concurrent.futures.ThreadPoolExecutor(200) as pool:
            statuses = list(pool.map(ask, kinds))
        self.assertLessEqual(statuses.count(200), 10)
        self.assertEqual(set(statuses) - {0, 200, 402, 503}, set())
        self.assertEqual(tacet.stop(), 0)
        charges = [receipt["charge_nano_usd"] for receipt in tacet.receipts()]
        left = balances(tacet)
        # Who went pays a part of an answer.
        self.assertGreaterEqual(sum(charges), statuses.count(200) * COST)
        self.assertGreater(sum(charges), 0)
        self.assertEqual(left["revenue"], sum(charges))
        self.assertEqual(left["wallet:1"], 20_500_000 - sum(charges))
        self.assertGreaterEqual(left["wallet:1"], 0)
        self.assertEqual((left["lease:1:1"], left.get("write-off", 0)), (0, 0))
        self.assertEqual(tacet.command("ledger", "check").returncode, 0)
        return statuses.count(200)

    def test_promotional_credit_burns_first_and_is_granted_once(self):
        with tacet_process.Tacet({"mock": tacet_process.provider(self.upstream, price=None)}, extra=PREPAID) as tacet:
            key = tacet.key()["key"]
            promotion = ("ledger", "grant", "--amount", "0.5", "--key", "welcome", "--promotional-until", "720h")
            self.assertIn(b"Granted $0.5", tacet.command(*promotion).stdout)
            again = tacet.command("ledger", "grant", "--amount", "0.5", "--key", "welcome", check=False)
            self.assertEqual(again.returncode, 1)
            grant(tacet, "1", "paid")
            self.eventually(lambda: tacet.post(body("paid"), key).status == 200 or None)
            self.assertEqual(tacet.stop(), 0)
            left = balances(tacet)
            self.assertEqual((left["wallet:1"], left["revenue"]), (10**9, COST))
            own = [amount for name, amount in left.items() if name.startswith("promotion:")]
            self.assertEqual(own, [500_000_000 - COST])
            self.assertEqual(tacet.command("ledger", "check").returncode, 0)

    def test_promotions_burn_in_order_and_lapse(self):
        with tacet_process.Tacet({"mock": tacet_process.provider(self.upstream, price=None)}, extra=PREPAID) as tacet:
            key = tacet.key()["key"]
            grant(tacet, "1", "paid")
            # Low priorities burn first, then what expires first; what nobody spends in time is breakage.
            names = {}
            for amount, name, until, priority in [
                (0.003, "last", "720h", 9), (0.003, "later", "720h", 1), (0.003, "sooner", "240h", 1),
                (0.007, "brief", "6s", 200),
            ]:
                line = json.loads(tacet.command(
                    "ledger", "grant", "--amount", f"{amount}", "--key", name, "--promotional-until", until,
                    "--priority", str(priority), "--json").stdout)
                names[name] = line["wallet"]["account"]

            def left():
                known = balances(tacet)
                return {name: known[account] for name, account in names.items()}

            ended = time.monotonic() + 7
            self.eventually(lambda: tacet.post(body("paid"), key).status == 200 or None)
            self.assertEqual(tacet.stop(), 0)
            self.assertEqual(
                left(), {"last": 3_000_000, "later": 3_000_000, "sooner": 3_000_000 - COST, "brief": 7_000_000})
            time.sleep(max(0, ended - time.monotonic()))
            tacet.start()
            for _ in range(3):
                self.eventually(lambda: tacet.post(body("paid"), key).status == 200 or None)
            # Due promotions are ended a few seconds after the start.
            self.eventually(lambda: balances(tacet).get("breakage") == 7_000_000 or None, within=30)
            self.assertEqual(tacet.stop(), 0)
            self.assertEqual(left(), {"last": 3_000_000 - 2_000_000, "later": 0, "sooner": 0, "brief": 0})
            self.assertEqual((balances(tacet)["wallet:1"], balances(tacet)["revenue"]), (10**9, 4 * COST))
            self.assertEqual(tacet.command("ledger", "check").returncode, 0)

    def test_who_goes_pays_for_what_was_generated_and_who_got_nothing_does_not(self):
        grant(self.tacet, "1", "going")
        self.upstream.script("long", up.stream(up.events(["word "] * 200), gap=0.02))
        self.upstream.script("dead", up.raw(b"", then="reset"))
        self.eventually(lambda: self.tacet.post(body("paid"), self.key).status == 200 or None)
        self.assertEqual(self.tacet.post(body("dead"), self.key).status, 502)
        failed = self.tacet.receipts()
        failed = [receipt for receipt in failed if receipt["completion"] == "failed" and receipt["status"] == 502]
        self.assertEqual(failed[-1]["charge_nano_usd"], 0)
        with self.tacet.connect() as connection:
            data = json.dumps(body("long", stream=True)).encode()
            connection.send(http_client.request("POST", "/v1/chat/completions", [
                ("Content-Type", "application/json"), ("Authorization", f"Bearer {self.key}")], data))
            connection.receive()
            time.sleep(0.4)
            connection.reset()

        def cut():
            return [receipt for receipt in self.tacet.receipts() if receipt["completion"] == "cut"] or None

        receipt = self.eventually(cut)[0]
        self.assertGreater(receipt["charge_nano_usd"], 0)
        self.assertLess(receipt["charge_nano_usd"], COST)
        self.sound()


class Book(OutsideCase):
    """What an operator does with the ledger."""

    price = None
    extra = PREPAID

    def setUp(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=USAGE)))

    def test_a_payment_is_credited_once_however_often_it_is_told(self):
        def credit(number):
            more = ("--key", "inv-7") if number % 2 else ("--key", "inv-7", "--note-id", "0")
            done = self.tacet.command("ledger", "grant", "--amount", "3", "--json", *more)
            return json.loads(done.stdout)["result"]

        before = balances(self.tacet).get("wallet:1", 0) + balances(self.tacet).get("lease:1:1", 0)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = sorted(pool.map(credit, range(8)))
        self.assertEqual(results, ["created"] + ["exists"] * 7)
        self.assertEqual(self.tacet.stop(), 0)
        self.assertEqual(credit(1), "exists", "without a server")
        self.tacet.start()
        self.assertEqual(credit(0), "exists", "after a restart")
        for more in (("--amount", "4"), ("--amount", "3", "--organisation", "2"), ("--amount", "3", "--note-id", "9")):
            wrong = self.tacet.command("ledger", "grant", "--key", "inv-7", *more, check=False)
            self.assertEqual(wrong.returncode, 1, more)
            self.assertIn(b"granted before", wrong.stderr)
        known = balances(self.tacet)
        self.assertEqual(known["wallet:1"] + known.get("lease:1:1", 0) - before, 3 * 10**9)
        lines = self.tacet.command("ledger", "statement", "clearing:0", "--json").stdout.splitlines()
        own = [line for line in map(json.loads, lines) if line["amount_nano_usd"] == 3 * 10**9]
        self.assertEqual([(line["code"], line["counterpart"]) for line in own], [("top-up", "wallet:1")])
        self.assertEqual(self.tacet.command("ledger", "check").returncode, 0)

    def test_what_happens_to_a_payment_afterwards_is_booked_once(self):
        with tacet_process.Tacet({"mock": tacet_process.provider(self.upstream, price=None)}, extra=PREPAID) as tacet:
            key = tacet.key()["key"]

            def book(*words, code=0):
                done = tacet.command("ledger", *words, "--json", check=False)
                self.assertEqual(done.returncode, code, (words, done.stderr))
                if code:
                    return done.stderr.decode()
                line = json.loads(done.stdout)
                return line["result"], line.get("wallet", {}).get("balance_nano_usd")

            grant(tacet, "0.010", "pay-1")
            self.eventually(lambda: tacet.post(body("paid"), key).status == 200 or None)
            self.assertEqual(tacet.stop(), 0)
            refund = ("refund", "--of", "pay-1", "--amount", "0.004", "--key", "r-1")
            self.assertEqual(book(*refund), ("created", 4_000_000))
            self.assertEqual(book(*refund), ("exists", 4_000_000))
            self.assertIn("something else", book(*refund[:4], "0.001", "--key", "r-1", code=1))
            self.assertIn("no such payment", book("refund", "--of", "pay-9", "--amount", "1", "--key", "r-2", code=1))
            self.assertIn("more than is left", book("refund", "--of", "pay-1", "--amount", "1", "--key", "r-3", code=1))
            self.assertIn("Take another", book("refund", "--of", "pay-1", "--amount", "0.001", "--key", "r-3", code=1))
            # What the bank takes is more than is there: debt, and nothing is served on it.
            dispute = ("dispute", "open", "--of", "pay-1", "--amount", "0.006", "--key", "dp-1")
            self.assertEqual(book(*dispute), ("created", -2_000_000))
            tacet.start()
            self.expect(tacet.post(body("paid"), key), 402, "insufficient_credit")
            self.assertEqual(tacet.stop(), 0)
            self.assertEqual(book("dispute", "won", "dp-1"), ("created", 4_000_000))
            self.assertEqual(book("dispute", "won", "dp-1")[0], "exists")
            self.assertIn("decided", book("dispute", "lost", "dp-1", code=1))
            self.assertEqual(book(*dispute[:-1], "dp-2")[0], "created")
            self.assertEqual(book("dispute", "lost", "dp-2"), ("created", None))
            self.assertIn("more than", book("write-off", "--amount", "0.003", "--key", "wo-1", code=1))
            self.assertEqual(book("write-off", "--amount", "0.002", "--key", "wo-2"), ("created", 0))
            left = balances(tacet)
            self.assertEqual((left["wallet:1"], left["clearing:0"], left["disputes"]), (0, 0, 0))
            self.assertEqual((left["revenue"], left["write-off"]), (COST, -COST))
            told = tacet.command("ledger", "statement").stdout.decode()
            for code in ("top-up", "payment-refund", "dispute-opened", "dispute-won", "write-off"):
                self.assertIn(code, told)
            self.assertIn("ledger_correct", tacet.command("audit-log", "list").stdout.decode())
            self.assertEqual(tacet.command("ledger", "check").returncode, 0)

    def test_a_statement_adds_up(self):
        grant(self.tacet, "1.25", "stated")
        self.eventually(lambda: self.tacet.post(body("paid"), self.key).status == 200 or None)
        self.assertEqual(self.tacet.stop(), 0)
        for account, balance in balances(self.tacet).items():
            lines = self.tacet.command("ledger", "statement", account, "--json", "--limit", "1000").stdout.splitlines()
            lines = [json.loads(line) for line in lines]
            self.assertEqual(lines[0]["balance_nano_usd"], balance)
            for newer, older in zip(lines, lines[1:]):
                self.assertEqual(newer["balance_nano_usd"] - newer["change_nano_usd"], older["balance_nano_usd"], account)
                self.assertGreater(newer["sequence"], older["sequence"])
            self.assertEqual(lines[-1]["balance_nano_usd"], lines[-1]["change_nano_usd"], "it begins with nothing")
        self.assertEqual(sum(balances(self.tacet).values()), 0)
        table = self.tacet.command("ledger", "statement").stdout.decode()
        self.assertIn("$1.25", table)
        self.assertEqual(self.tacet.command("ledger", "statement", "wallet:99", check=False).returncode, 1)
        self.assertEqual(self.tacet.command("ledger", "statement", "purse:1", check=False).returncode, 2)
        self.tacet.start()


class Nodes(OutsideCase):
    price = None
    extra = PREPAID

    def nodes(self, count, extra=PREPAID):
        """Several servers on one data directory."""
        first = tacet_process.Tacet(
            {"mock": tacet_process.provider(self.upstream, price=None)}, extra=extra, environment={"TACET__NODE": "1"})
        self.addCleanup(first.remove)
        yield first.start()
        for number in range(2, count + 1):
            node = tacet_process.Tacet(
                {"mock": tacet_process.provider(self.upstream, price=None)}, extra=extra, data=first.data,
                environment={"TACET__NODE": str(number)})
            self.addCleanup(node.remove)
            yield node.start()

    def test_four_processes_share_a_wallet_and_a_budget(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=USAGE), before=0.05))
        nodes = list(self.nodes(4))
        first = nodes[0]
        rich, poor = first.key("rich")["key"], first.key("poor", "--budget", "0.0105")["key"]
        grant(first, "0.0305", "shared")
        time.sleep(1)

        def ask(number):
            node = nodes[number % 4]
            return number % 5 == 0, node.post(body("paid"), poor if number % 5 == 0 else rich).status

        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(ask, range(1000)))
        served = [is_poor for is_poor, status in answers if status == 200]
        # 15 fit into the wallet, five of them into the budget of the poor.
        self.assertLessEqual(len(served), 15)
        self.assertLessEqual(sum(served), 5)
        # What one node does not need, another gets: nothing stays parked.
        end = time.monotonic() + 30
        while len(served) < 14 and time.monotonic() < end:
            if ask(random.choice([1, 2, 3, 4]))[1] == 200:
                served.append(False)
            time.sleep(0.05)
        self.assertGreaterEqual(len(served), 14)
        self.assertLessEqual(len(served), 15)
        nodes[2].kill()
        nodes[3].kill()
        # The living settle what the dead had served.
        self.eventually(lambda: balances(first).get("revenue") == len(served) * COST or None, within=30)
        self.eventually(
            lambda: not balances(first).get("lease:1:3") and not balances(first).get("lease:1:4") or None, within=30)
        for node in nodes[:2]:
            self.assertEqual(node.stop(), 0)
        left = balances(first)
        self.assertEqual(left["wallet:1"], 30_500_000 - len(served) * COST)
        self.assertEqual({name: amount for name, amount in left.items() if name.startswith("lease") and amount}, {})
        self.assertEqual(first.command("ledger", "check").returncode, 0)


class Crash(OutsideCase):
    price = None
    extra = PREPAID
    rounds = int(os.environ.get("TACET_ROUNDS", 20))

    def test_sums_hold_over_kill_at_any_moment(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=USAGE), before=0.01))
        self.upstream.script("flow", up.stream(up.events(["a"] * 8, usage=USAGE), gap=0.005))
        # Long enough for a progress record, which comes once a second.
        self.upstream.script("tide", up.stream(up.events(["word "] * 40, usage=USAGE), gap=0.05))
        with tacet_process.Tacet({"mock": tacet_process.provider(self.upstream, price=None)}, extra=PREPAID) as tacet:
            key = tacet.key()["key"]
            grant(tacet, "500", "all")
            whole = 0
            for turn in range(self.rounds):
                stop, done = threading.Event(), []
                is_long = turn % 10 == 9
                bodies = [body("tide", stream=True)] if is_long else [body("paid"), body("flow", stream=True)]

                def load():
                    while not stop.is_set():
                        try:
                            answer = tacet.post(random.choice(bodies), key)
                            if answer.status == 200 and answer.ended in ("length", "chunked"):
                                done.append(answer.request_id)
                        except (OSError, http_client.ConnectionEnded, AssertionError, ValueError):
                            return

                threads = [threading.Thread(target=load) for _ in range(4)]
                for thread in threads:
                    thread.start()
                time.sleep(random.uniform(1.2, 1.9) if is_long else random.uniform(0.0, 0.25))
                tacet.kill()
                stop.set()
                for thread in threads:
                    thread.join()
                whole += len(done)
                tacet.start()
                if turn % 10 == 9 or turn == self.rounds - 1:
                    # What the dead one had leased is back, what it had served is posted.
                    with sqlite3.connect(f"{tacet.data}/ledger.sqlite", timeout=30) as ledger:
                        charged = ledger.execute("SELECT coalesce(sum(charge), 0) FROM usage_days").fetchone()[0]
                    ledger.close()
                    left = balances(tacet)
                    self.assertEqual(left.get("revenue", 0), charged, f"round {turn}")
                    self.assertEqual(left["wallet:1"] + left.get("lease:1:1", 0), 500 * 10**9 - charged, f"round {turn}")
                    self.assertGreaterEqual(charged, whole * COST)
                    self.assertEqual(left.get("write-off", 0), 0)
                    self.assertEqual(tacet.command("ledger", "check", check=False).returncode, 0, f"round {turn}")
                if turn % 100 == 99:
                    print(f"{turn + 1} kills, {whole} answers, {charged} nano-USD", flush=True)
            listed = tacet.command("receipts", "list", "--json", "--limit", "1000000", timeout=600).stdout.splitlines()
            receipts = [json.loads(line) for line in listed]
            self.assertEqual(sum(receipt["charge_nano_usd"] for receipt in receipts), charged)
            # Killed between hold and answer, within a stream, and behind the answer: each was met.
            recovered = [receipt["charge_nano_usd"] for receipt in receipts if receipt["recovered"]]
            self.assertIn(0, recovered)
            self.assertTrue(any(recovered))
            self.assertGreater(whole, 0)
            print(f"{self.rounds} kills: {len(receipts)} receipts, {len(recovered)} recovered, ", end="")
            print(f"{sum(1 for charge in recovered if charge)} of them charged")


class Store(OutsideCase):
    price = None
    extra = PREPAID

    def test_serving_goes_on_while_the_ledger_is_locked(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=USAGE)))
        grant(self.tacet, "1", "locked")
        self.eventually(lambda: self.tacet.post(body("paid"), self.key).status == 200 or None)
        before = len(self.upstream.received("paid"))
        ledger = sqlite3.connect(f"{self.tacet.data}/ledger.sqlite", isolation_level=None, timeout=30)
        ledger.execute("BEGIN IMMEDIATE")
        try:
            statuses = []
            # A lease is 16 of the greatest holds: those are spent, then it is said what is wrong.
            for _ in range(40):
                answer = self.tacet.post(body("paid"), self.key)
                statuses.append(answer.status)
                if answer.status != 200:
                    self.expect(answer, 503, "credit_unconfirmed")
                    self.assertTrue(answer.header("retry-after"))
            self.assertGreaterEqual(statuses.count(200), 5)
            self.assertGreaterEqual(statuses.count(503), 1)
        finally:
            ledger.execute("ROLLBACK")
            ledger.close()
        served = statuses.count(200) + before
        self.eventually(lambda: self.tacet.post(body("paid"), self.key).status == 200 or None, within=30)
        self.eventually(lambda: balances(self.tacet).get("revenue") == (served + 1) * COST or None, within=30)

    def test_serving_goes_on_while_the_disk_is_full(self):
        disk = tempfile.mkdtemp(prefix="tacet-disk-")
        self.addCleanup(os.rmdir, disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]).returncode != 0:
            self.skipTest("a file system cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        self.upstream.script("room", up.plain(up.completion("x", usage=USAGE)))
        providers = {"mock": tacet_process.provider(self.upstream, price=None)}
        with tacet_process.Tacet(providers, extra=PREPAID, data=f"{disk}/data") as tacet:
            key = tacet.key()["key"]
            grant(tacet, "1", "full")
            self.eventually(lambda: tacet.post(body("room"), key).status == 200 or None)
            self.eventually(lambda: balances(tacet).get("revenue") == COST or None)
            fill, statuses = f"{disk}/fill", []
            with open(fill, "wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
            # The ledger and its log have room for nothing more; the journal has what it took before.
            for _ in range(400):
                answer = tacet.post(body("room"), key)
                statuses.append(answer.status)
                if answer.status != 200:
                    self.expect(answer, 503, {"credit_unconfirmed", "journal_full"})
                    self.assertTrue(answer.header("retry-after"))
                    break
            self.assertGreaterEqual(statuses.count(200), 5)
            self.assertEqual(statuses[-1], 503)
            os.unlink(fill)
            self.eventually(lambda: tacet.post(body("room"), key).status == 200 or None, within=30)
            served = statuses.count(200) + 2
            self.eventually(lambda: balances(tacet).get("revenue") == served * COST or None, within=30)
            self.assertEqual(tacet.command("ledger", "check").returncode, 0)
            self.assertEqual(tacet.command("receipts", "verify").returncode, 0)

    def test_serving_goes_on_while_the_ledger_is_read_only(self):
        self.upstream.script("still", up.plain(up.completion("x", usage=USAGE)))
        with tacet_process.Tacet({"mock": tacet_process.provider(self.upstream, price=None)}, extra=PREPAID) as tacet:
            key = tacet.key()["key"]
            grant(tacet, "1", "still")
            self.eventually(lambda: tacet.post(body("still"), key).status == 200 or None)
            self.eventually(lambda: balances(tacet).get("revenue") == COST or None)
            files = [f"{tacet.data}/{name}" for name in os.listdir(tacet.data) if name.startswith("ledger.sqlite")]
            if subprocess.run(["chattr", "+i", *files], capture_output=True).returncode != 0:
                subprocess.run(["chattr", "-i", *files], capture_output=True)
                self.skipTest("files cannot be made immutable here")
            statuses = []
            try:
                for _ in range(40):
                    answer = tacet.post(body("still"), key)
                    statuses.append(answer.status)
                    if answer.status != 200:
                        self.expect(answer, 503, "credit_unconfirmed")
                        self.assertTrue(answer.header("retry-after"))
                        break
            finally:
                subprocess.run(["chattr", "-i", *files], check=True)
            self.assertGreaterEqual(statuses.count(200), 5)
            self.assertEqual(statuses[-1], 503)
            self.eventually(lambda: tacet.post(body("still"), key).status == 200 or None, within=30)
            served = statuses.count(200) + 2
            self.eventually(lambda: balances(tacet).get("revenue") == served * COST or None, within=30)
            self.assertEqual(tacet.command("ledger", "check").returncode, 0)
            self.assertEqual(tacet.command("receipts", "verify").returncode, 0)

    def test_a_ledger_that_cannot_be_written_is_told_at_the_start(self):
        with tacet_process.Tacet({"mock": tacet_process.provider(self.upstream, price=None)}, extra=PREPAID) as tacet:
            tacet.stop()
            if subprocess.run(["mount", "--bind", tacet.data, tacet.data]).returncode != 0:
                self.skipTest("a folder cannot be mounted here")
            try:
                subprocess.run(["mount", "-o", "remount,bind,ro", tacet.data], check=True)
                tacet.start(wait=False)
                self.assertEqual(tacet.process.wait(timeout=60), 1)
                self.assertIn("cannot be written", tacet.said())
            finally:
                subprocess.run(["umount", tacet.data], check=True)
            tacet.start()
            self.assertEqual(tacet.get("/readyz").status, 200)


@unittest.skipUnless(shutil.which("cc"), "there is no C compiler")
class Clocks(OutsideCase):
    """The machine's clock is set back and forth while requests run."""

    price = None
    extra = PREPAID

    def test_a_clock_that_goes_back_gives_nothing_away(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=USAGE)))
        with tempfile.TemporaryDirectory() as folder:
            library, offset = f"{folder}/clock.so", f"{folder}/offset"
            source = pathlib.Path(__file__).with_name("clock.c")
            subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source], check=True)

            def set_clock(hours):
                with open(offset, "r+b" if os.path.exists(offset) else "wb") as file:
                    file.write((hours * 3600).to_bytes(8, sys.byteorder, signed=True))

            set_clock(0)
            environment = {"LD_PRELOAD": library, "CLOCK_OFFSET": offset}
            providers = {"mock": tacet_process.provider(self.upstream, price=None)}
            with tacet_process.Tacet(providers, extra=PREPAID, environment=environment) as tacet:
                key = tacet.key()["key"]
                grant(tacet, "1", "timed")
                daily = tacet.key("daily", "--budget", "0.0045", "--period", "day", "--rpm", "3")["key"]
                served = 0

                def spend(key, status):
                    nonlocal served
                    answer = self.eventually(
                        lambda: (lambda a: a if a.status == status else None)(tacet.post(body("paid"), key)))
                    served += status == 200
                    return answer

                spend(key, 200)
                spend(daily, 200)
                spend(daily, 200)
                self.expect(tacet.post(body("paid"), daily), 402, "budget_exhausted")
                # Two hours, then three days back: neither the rate nor the day is lived twice.
                for back in (-2, -72):
                    set_clock(back)
                    self.assertIn(tacet.post(body("paid"), daily).status, (402, 429))
                    spend(key, 200)
                self.eventually(lambda: balances(tacet).get("revenue") == served * COST or None, within=30)
                set_clock(48)
                spend(daily, 200)
                self.eventually(lambda: balances(tacet).get("revenue") == served * COST or None, within=30)
                receipts = tacet.receipts()
                self.assertEqual(sum(receipt["charge_nano_usd"] for receipt in receipts), served * COST)
                days = {receipt["opened_at"][:10] for receipt in receipts}
                self.assertGreaterEqual(len(days), 3, "the clock was not set")
                self.assertEqual(tacet.stop(), 0)
                self.assertEqual(balances(tacet)["wallet:1"], 10**9 - served * COST)
                self.assertEqual(tacet.command("ledger", "check").returncode, 0)
                self.assertEqual(tacet.command("receipts", "verify").returncode, 0)


class Limits(OutsideCase):
    price = None
    limits = "queue: 0"
    extra = CEILING + "models: { cheap: [mock/cheap] }\n"

    def setUp(self):
        self.upstream.script("paid", up.plain(up.completion("x", usage=USAGE)))
        self.upstream.script("cheap", up.plain(up.completion("x", usage=(10, 1))))

    def test_rates_are_told_in_the_clients_dialect(self):
        key = self.tacet.key("rated", "--rpm", "3", "--tpm", "100000")["key"]
        answer = self.tacet.post(body("paid"), key)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.header("x-ratelimit-limit-requests"), "3")
        self.assertEqual(answer.header("x-ratelimit-remaining-requests"), "2")
        self.assertEqual(answer.header("x-ratelimit-limit-tokens"), "100000")
        self.assertRegex(answer.header("x-ratelimit-reset-requests"), r"^(\d+m)?\d+s$")
        message = {"model": "mock/paid", "max_tokens": 10, "messages": [{"role": "user", "content": "x"}]}
        answer = self.tacet.post(message, key, path="/v1/messages")
        self.assertEqual(answer.header("anthropic-ratelimit-requests-remaining"), "1")
        self.assertRegex(answer.header("anthropic-ratelimit-tokens-reset"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.tacet.post(body("paid"), key)
        answer = self.tacet.post(body("paid"), key)
        self.expect(answer, 429, "rate_limit_exceeded")
        self.assertTrue(answer.header("retry-after"))

    def test_tokens_and_those_in_flight_are_limited(self):
        key = self.tacet.key("tokens", "--tpm", "1500")["key"]
        self.assertEqual(self.tacet.post(body("paid"), key).status, 200)
        self.expect(self.tacet.post(body("paid", n=8), key), 429, "token_rate_limit_exceeded")
        self.upstream.script("hang", up.plain(up.completion("x", usage=USAGE), before=1.5))
        key = self.tacet.key("few", "--in-flight", "1")["key"]
        first = threading.Thread(target=lambda: self.tacet.post(body("hang"), key))
        first.start()
        self.eventually(lambda: self.upstream.received("hang") or None)
        self.expect(self.tacet.post(body("paid"), key), 429, "too_many_in_flight")
        first.join()
        self.assertEqual(self.tacet.post(body("paid"), key).status, 200)

    def test_a_used_up_budget_sends_elsewhere(self):
        key = self.tacet.key(
            "thrifty", "--budget", "0.0025", "--period", "day", "--at", "downgrade", "--to", "cheap")["key"]
        self.assertEqual(self.tacet.post(body("paid"), key).header("x-tacet-model"), "mock/paid")
        answer = self.tacet.post(body("paid"), key)
        self.assertEqual((answer.status, answer.header("x-tacet-model")), (200, "mock/cheap"))
        self.assertEqual(answer.header("x-tacet-route"), "budget")

    def test_scopes_hold(self):
        key = self.tacet.key("scoped", "--models", "mock/ch*", "--endpoints", "/v1/chat/completions")["key"]
        self.expect(self.tacet.post(body("paid"), key), 403, "model_not_allowed")
        self.assertEqual(self.tacet.post(body("cheap"), key).status, 200)
        self.expect(self.tacet.get("/v1/models", key), 403, "endpoint_not_allowed")
        far = self.tacet.key("far", "--networks", "192.0.2.0/24")["key"]
        self.expect(self.tacet.post(body("cheap"), far), 403, "network_not_allowed")
        near = self.tacet.key("near", "--networks", "127.0.0.0/8,::1")["key"]
        self.assertEqual(self.tacet.post(body("cheap"), near).status, 200)
        brief = self.tacet.key("brief", "--expires", "1s")["key"]
        time.sleep(1.1)
        self.expect(self.tacet.post(body("cheap"), brief), 401, "expired_api_key")

    def test_budgets_of_all_owners_by_command(self):
        key = self.tacet.key("owned")["key"]
        lines = self.tacet.command("budgets", "set", "key/owned", "--amount", "0.001", "--period", "week", "--json")
        line = next(line for line in map(json.loads, lines.stdout.splitlines()) if line["owner"] == "key/owned")
        self.assertEqual((line["period"], line["limit_nano_usd"]), ("week", 1_000_000))
        answer = self.eventually(lambda: (lambda a: a if a.status == 402 else None)(self.tacet.post(body("paid"), key)))
        self.expect(answer, 402, "budget_exhausted")
        self.assertIn(b"begins anew in", answer.body)
        known = json.loads(self.tacet.get("/v1/balance", key).body)
        self.assertEqual(known["budgets"][0]["period"], "week")
        self.tacet.command("budgets", "remove", "key/owned", "--period", "week")
        self.eventually(lambda: self.tacet.post(body("paid"), key).status == 200 or None)
        wrong = self.tacet.command("budgets", "set", "nobody", "--amount", "1", check=False)
        self.assertEqual(wrong.returncode, 2)


if __name__ == "__main__":
    unittest.main()
