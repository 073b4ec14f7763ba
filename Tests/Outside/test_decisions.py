"""Compression, training and savings, as somebody sees them from outside."""

import json
import os
import random
import subprocess
import tempfile
import unittest

import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

ROWS = [{"order_id": f"W{n}", "price": {"amount": n, "currency": "EUR"}, "open": n % 2 == 0} for n in range(40)]


def run(*arguments, given=b""):
    return subprocess.run([tacet_process.binary(), *arguments], input=given, capture_output=True, timeout=240)


class Compress(unittest.TestCase):
    def test_what_is_lossless_comes_back(self):
        for value in (ROWS, {"x": ROWS, "$cols": 1}, {n: row for n, row in zip("abcdef", ROWS)}, [], {"é": "\x01"}):
            text = json.dumps(value, indent=2).encode()
            small = run("compress", given=text).stdout
            self.assertLess(len(small), len(text) + 1)
            self.assertEqual(json.loads(run("compress", "--restore", given=small).stdout), value)

    def test_counts(self):
        line = json.loads(run("compress", "--json", given=json.dumps(ROWS, indent=2).encode()).stdout)
        self.assertLess(line["tokens"]["after"], line["tokens"]["before"] * 0.5)
        self.assertTrue(line["text"].startswith('{"$cols":["order_id",["price","amount","currency"],"open"]'))

    def test_the_middle_is_left_out_when_asked(self):
        text = "\n".join(f"line {n}" for n in range(1000)).encode()
        self.assertEqual(run("compress", given=text).stdout, text)
        self.assertIn("lines left out]", run("compress", "--mode", "strong", given=text).stdout.decode())

    def test_refusals(self):
        self.assertEqual(run("compress", "--mode", "zip").returncode, 2)
        self.assertEqual(run("compress", "--lines").returncode, 2)
        self.assertEqual(run("compress", "--lines", "--json", given=b"no string\n").returncode, 2)
        foreign = run("compress", "--restore", given=b'{"$cols":["a"],"$rows":[[1,2]]}')
        self.assertEqual(foreign.returncode, 1)
        self.assertIn(b"did not write", foreign.stderr)


class Router(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.weights = os.path.join(cls.folder.name, "weights.bin")
        dice = random.Random(5)
        cls.rows = []
        for number in range(150):
            hard = dice.random() < 0.5
            words = " ".join(dice.choice(["alpha", "beta", "gamma", "delta"]) for _ in range(8))
            cls.rows.append({"id": f"r{number}", "prompt": f"{'prove' if hard else 'please'} {words}",
                             "strong_ok": 1, "weak_ok": 0 if hard else 1})
        cls.given = "".join(json.dumps(row) + "\n" for row in cls.rows).encode()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_train_and_score(self):
        trained = run("router", "train", "-", "--out", self.weights, "--json", given=self.given)
        self.assertEqual(trained.returncode, 0, trained.stderr)
        report = json.loads(trained.stdout)
        self.assertEqual(report["rows"], 150)
        self.assertLessEqual(report["bytes"], 256 * 1024)
        self.assertGreater(report["folds_apgr"], 0.65)
        self.assertIn("length_apgr", report)
        with open(self.weights, "rb") as file:
            first = file.read()
        run("router", "train", "-", "--out", self.weights, given=self.given)
        with open(self.weights, "rb") as file:
            self.assertEqual(file.read(), first)
        scored = [json.loads(line) for line in
                  run("router", "score", "-", "--weights", self.weights, given=self.given).stdout.splitlines()]
        self.assertEqual([line["id"] for line in scored], [row["id"] for row in self.rows])
        for line, row in zip(scored, self.rows):
            self.assertEqual(line["score"] > 0.5, row["weak_ok"] == 0)
        told = json.loads(run("router", "explain", "--json", "--weights", self.weights, given=b"prove it").stdout)
        self.assertGreater(told["difficulty"], 0.5)
        for damaged in (first[:-1], first[:-1] + b"?", b"GGUF" + first[4:], b""):
            with open(self.weights, "wb") as file:
                file.write(damaged)
            refused = run("router", "score", "-", "--weights", self.weights, given=self.given)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(b"weights.bin", refused.stderr)

    def test_refusals(self):
        for given, code in ((b"", 1), (b"{}\n", 2), (b'{"prompt":"x"}\n', 2),
                            (b'{"prompt":"x","strong_ok":2,"weak_ok":0}\n', 2), (self.given[:500].rsplit(b"\n", 1)[0], 1)):
            self.assertEqual(run("router", "train", "-", "--out", self.weights + ".no", given=given).returncode, code)
        self.assertFalse(os.path.exists(self.weights + ".no"))


class Savings(OutsideCase):
    price = None
    extra = "pricing: { unknown: { ceiling: { input: 10, output: 50 } } }"

    def body(self):
        return {"model": "mock/tools", "messages": [
            {"role": "user", "content": "[ 1 ]"},
            {"role": "tool", "tool_call_id": "t", "content": json.dumps(ROWS, indent=2)}]}

    def test_a_tools_answer_is_sent_small_and_told(self):
        self.upstream.script("tools", up.plain())
        plain = self.expect(self.ask("tools", self.body()), 200)
        small = self.expect(self.ask("tools", self.body(), headers=[("x-tacet-compress", "lossless")]), 200)
        sent = [request.json["messages"] for request in self.upstream.received("tools")]
        self.assertEqual(sent[0], self.body()["messages"])
        self.assertEqual(sent[1][0], self.body()["messages"][0])
        self.assertTrue(sent[1][1]["content"].startswith('{"$cols":'))
        receipt = self.tacet.receipt(small.request_id)
        tokens = receipt["tokens"]
        self.assertLess(tokens["after_compression"], tokens["before_compression"] * 0.5)
        self.assertEqual(self.tacet.receipt(plain.request_id)["tokens"]["before_compression"], 0)
        self.assertEqual(receipt["baseline_nano_usd"] - receipt["charge_nano_usd"], receipt["saved_nano_usd"])
        self.assertEqual(receipt["saved_by"]["compression"], receipt["saved_nano_usd"])
        lines = [json.loads(line) for line in self.tacet.command("savings", "--explain", "--json").stdout.splitlines()]
        self.assertEqual(lines[-1]["saved_nano_usd"], receipt["saved_nano_usd"])
        self.assertEqual([line.get("id") for line in lines], [receipt["id"], None])
        self.assertGreater(receipt["saved_nano_usd"], 0)

    def test_an_unknown_mode(self):
        self.expect(self.ask("tools", self.body(), headers=[("x-tacet-compress", "zip")]), 400, "unknown_compression")
