"""`tacet policy check` on a live installation: sound as made, and each thing that is planted is found."""

import json
import os
import pathlib
import sqlite3
import unittest

import scripted_upstream as up
import tacet_process

STATES = {"kept", "broken", "not_yet", "not_applicable"}


@unittest.skipIf(tacet_process.missing(), tacet_process.missing())
class PolicyCheck(unittest.TestCase):
    def setUp(self):
        self.upstream = up.ScriptedUpstream()
        self.addCleanup(self.upstream.stop)
        self.upstream.default = up.plain(up.completion("pong", model="m"))
        self.tacet = tacet_process.Tacet({"mock": tacet_process.provider(self.upstream)})
        self.addCleanup(self.tacet.remove)

    def check(self):
        """(exit code, status and evidence by id, standard error)."""
        done = self.tacet.command("policy", "check", "--json", check=False)
        rows = json.loads(done.stdout)
        self.assertEqual(len(rows), 121)
        self.assertTrue(all(set(row) == {"id", "status", "evidence"} and row["evidence"] for row in rows))
        self.assertLessEqual({row["status"] for row in rows}, STATES)
        broken = [row["id"] for row in rows if row["status"] == "broken"]
        self.assertEqual(done.returncode, 1 if broken else 0)
        for promise in broken:
            self.assertIn(promise, done.stderr.decode())
        return broken, {row["id"]: row for row in rows}

    def traffic(self):
        key = self.tacet.key()["key"]
        self.assertEqual(self.tacet.post(tacet_process.chat("mock/m"), key).status, 200)

    @unittest.skipIf(tacet_process.profile() != "strict", "this machine has swap")
    def test_an_installation_as_made_is_sound(self):
        self.assertEqual(self.check()[0], [])
        self.assertFalse(os.path.exists(self.tacet.data), "a look made the data directory")
        self.tacet.start()
        self.traffic()
        broken, rows = self.check()
        self.assertEqual(broken, [])
        self.assertIn(f"process {self.tacet.pid}: 0 0", rows["AU-12"]["evidence"])
        self.assertEqual(self.tacet.stop(), 0)
        broken, rows = self.check()
        self.assertEqual(broken, [])
        self.assertIn("core dumps not checked", rows["AU-12"]["evidence"])

    def test_each_planted_fault_is_found(self):
        self.tacet.start()
        self.traffic()
        self.assertEqual(self.tacet.stop(), 0)
        data = pathlib.Path(self.tacet.data)
        log = next((data / "logs").glob("tacet-*.log"))
        lines = log.read_bytes()

        def column():
            ledger = sqlite3.connect(data / "ledger.sqlite")
            ledger.execute("alter table models add column prompt text")
            ledger.commit()
            ledger.close()

        def old_log():
            (data / "logs/tacet-2020-01-01.log").touch(mode=0o600)

        plants = [
            (lambda: os.chmod(data / "keys", 0o755), lambda: os.chmod(data / "keys", 0o700), {"AX-10", "AI-7"}),
            (lambda: log.write_bytes(lines + b'{"at":"now","message":"a word"}\n'), lambda: log.write_bytes(lines),
             {"AU-14", "AN-15"}),
            (old_log, lambda: os.remove(data / "logs/tacet-2020-01-01.log"), {"AU-29", "AN-15", "AN-25"}),
            (column, lambda: None, {"AX-7", "AX-10", "AX-11", "AI-4", "OL-3"}),
        ]
        for plant, mend, expected in plants:
            with self.subTest(sorted(expected)):
                before = set(self.check()[0])
                plant()
                self.assertEqual(set(self.check()[0]) - before, expected)
                mend()

    def test_a_file_that_is_not_ours_is_not_called_sound(self):
        self.tacet.start()
        self.assertEqual(self.tacet.stop(), 0)
        stranger = pathlib.Path(self.tacet.data) / "core"
        stranger.touch(mode=0o600)
        self.assertIn("files of the data map not checked", self.check()[1]["AX-11"]["evidence"])

    def test_show_and_diff(self):
        shown = self.tacet.command("policy", "show", "--json", with_config=False).stdout.splitlines()
        self.assertEqual(len(shown), 121)
        for line in shown:
            promise = json.loads(line)
            self.assertTrue(promise["mechanism"] and promise["home"])
            if promise["state"] == "kept":
                self.assertTrue(promise["proofs"])
        page = self.tacet.command("policy", "show", "--markdown", with_config=False).stdout
        self.assertEqual(page, (tacet_process.HOUSE / "docs/promises.md").read_bytes())
        lines = self.tacet.command("policy", "diff", "aura", "outlay", "--json", with_config=False).stdout.splitlines()
        knobs = {row["knob"]: row for row in map(json.loads, lines) if "knob" in row}
        self.assertEqual(knobs["client_address"]["tighter"], "outlay")
        self.assertNotIn("tighter", knobs["payments"])
        wrong = self.tacet.command("policy", "show", "--profile", "auro", with_config=False, check=False)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn(b"aurixel", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
