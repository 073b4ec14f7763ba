"""Rights on a live server: consent, deletion with proof, the register of requests, and what is no metadata."""

import json
import pathlib
import socket
import sqlite3
import time
import unittest

import canary
import outside_case
import scripted_upstream as up
import tacet_process


class Rights(outside_case.OutsideCase):
    def setUp(self):
        self.upstream.default = up.plain(up.completion("pong", model="m"))

    def right(self, name, check=True):
        done = self.tacet.command("rights", "set", name, "--json", check=check)
        return json.loads(done.stdout.splitlines()[0]) if done.returncode == 0 else done

    def refused(self):
        answer = self.ask("m")
        return answer.json()["error"]["code"] if answer.status == 403 else None

    def rows_about_somebody(self, table):
        """Rows of a table of money that are not a provider's and not the whole installation's."""
        whose = "" if table.startswith("usage_") else " WHERE owner_kind < 4"
        ledger = sqlite3.connect(f"file:{self.tacet.data}/ledger.sqlite?mode=ro", uri=True)
        try:
            return ledger.execute(f"SELECT count(*) FROM {table}{whose}").fetchone()[0]
        finally:
            ledger.close()

    def test_1_withdrawn_consent_stops_the_api_and_nothing_else(self):
        self.expect(self.ask("m"), 200)
        self.assertFalse(self.right("withdraw-consent")["consent"])
        self.eventually(lambda: self.refused() == "consent_withdrawn", within=30)
        asked = len(self.upstream.asked)
        self.assertEqual(self.refused(), "consent_withdrawn")
        self.assertEqual(len(self.upstream.asked), asked)
        self.assertTrue(self.tacet.command("receipts", "export").stdout)
        self.tacet.command("receipts", "verify")
        self.assertEqual(self.tacet.get("/v1/models", self.key).status, 200)
        self.right("give-consent")
        self.eventually(lambda: self.ask("m").status == 200, within=30)

    def test_2_the_register_has_due_dates(self):
        line = json.loads(self.tacet.command("rights", "enter", "access", "--json").stdout)
        self.assertFalse(line["late"])
        self.tacet.command("rights", "requests")
        answered = json.loads(self.tacet.command("rights", "answer", str(line["id"]), "done", "--json").stdout)
        self.assertEqual(answered["outcome"], "done")
        self.assertEqual(self.tacet.command("rights", "answer", str(line["id"]), "done", check=False).returncode, 1)
        self.assertEqual(self.tacet.command("rights", "enter", "curiosity", check=False).returncode, 2)

    def test_3_what_is_no_metadata_is_refused_by_its_path(self):
        def say(line):
            with socket.socket(socket.AF_UNIX) as control:
                control.connect(f"{self.tacet.data}/control.sock")
                control.sendall(line + b"\n")
                answer = b""
                while piece := control.recv(65536):
                    answer += piece
            return json.loads(answer.splitlines()[0])

        before = len(self.tacet.command("audit-log", "list", "--json", "--limit", "1000").stdout.splitlines())
        for line, path in (
            (b'{"createKey":{"name":"app","isTest":false,"terms":{},"prompt":"tell me"}}', "createKey.prompt"),
            (b'{"createKey":{"name":"tell my doctor that it hurts again","isTest":false,"terms":{}}}', "createKey.name"),
            (b'{"createKey":{"name":"sk-ant-api03-aaaabbbbccccdddd1111","isTest":false,"terms":{}}}', "createKey.name"),
        ):
            answer = say(line)
            self.assertFalse(answer["ok"])
            self.assertTrue(answer["error"].startswith(f"422: {path} "), answer)
        done = self.tacet.command("keys", "create", "--name", "ghp_0123456789abcdefghijABCDEFGHIJ01", check=False)
        self.assertEqual(done.returncode, 2)
        after = len(self.tacet.command("audit-log", "list", "--json", "--limit", "1000").stdout.splitlines())
        self.assertEqual(before, after)

    def test_9_a_deletion_leaves_no_byte_and_a_proof(self):
        marks = canary.Marks()
        name = marks.mark("keyname")
        made = self.tacet.key(name, "--budget", "5", "--rpm", "60")
        self.assertEqual(self.tacet.post(tacet_process.chat("mock/m"), made["key"]).status, 200)
        receipts = self.tacet.receipts()
        self.assertTrue(receipts)
        self.assertTrue(all(self.rows_about_somebody(table) for table in ("budgets", "rate_limits", "usage_minutes")))
        done = self.tacet.command("rights", "set", "delete-now", "--json")
        life, proof = done.stdout.splitlines()
        self.assertEqual(json.loads(life)["phase"], "purged")
        statement = json.loads(proof)["statement"]
        self.assertGreaterEqual(statement["deleted"]["gateway_keys"], 2)
        self.assertGreaterEqual(statement["deleted"]["receipts"], len(receipts))
        self.eventually(lambda: self.tacet.post(tacet_process.chat("mock/m"), made["key"]).status in (401, 403), 1.0)
        self.assertEqual(self.tacet.receipts(), [])
        for table in ("budgets", "rate_limits", "spending", "alerts", "usage_minutes", "usage_hours", "usage_days",
                      "usage_day_sums"):
            self.assertEqual(self.rows_about_somebody(table), 0, table)
        path = pathlib.Path(self.tacet.folder, "proofs.jsonl")
        path.write_bytes(self.tacet.command("rights", "proofs").stdout)
        key = json.loads(proof)["installation_key"]
        verify = ["rights", "verify-proof", str(path), "--key"]
        self.tacet.command(*verify, key, with_config=False)
        path.write_bytes(path.read_bytes().replace(b'"receipts":', b'"receipts":1'))
        self.assertEqual(self.tacet.command(*verify, key, with_config=False, check=False).returncode, 1)
        self.tacet.command("receipts", "verify")
        self.tacet.command("audit-log", "verify")
        time.sleep(0.5)
        search = canary.Search([marks.word])
        search.folder(self.tacet.data)
        self.assertGreater(search.bytes, 10_000)
        self.assertEqual(search.found, [])


if __name__ == "__main__":
    unittest.main()
