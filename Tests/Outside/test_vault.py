"""Provider keys in the vault of a live server, and the log of who did what."""

import json
import pathlib
import random
import sqlite3
import subprocess
import time
import unittest

import canary
import scripted_upstream as up
import tacet_process

FIRST = "sk-vault-first-8d1f0a77c3e94b52"
SECOND = "sk-vault-second-1b6e55d0f2a94c08"


@unittest.skipIf(tacet_process.missing(), tacet_process.missing())
class Vault(unittest.TestCase):

    def setUp(self):
        self.upstream = up.ScriptedUpstream()
        self.addCleanup(self.upstream.stop)
        self.upstream.default = up.plain(up.completion("pong", model="m"))
        self.tacet = self.installation()

    def installation(self, extra="", environment=None):
        providers = {"mock": tacet_process.provider(self.upstream, key="vault")}
        tacet = tacet_process.Tacet(providers, extra=extra, environment=environment)
        self.addCleanup(tacet.remove)
        return tacet

    def set(self, key, tacet=None):
        done = (tacet or self.tacet).command("provider-keys", "set", "mock", "--json", given=key.encode() + b"\n")
        return json.loads(done.stdout)

    def sent(self):
        """The key the provider was called with."""
        answer = self.tacet.post(tacet_process.chat("mock/m"), self.key)
        self.assertEqual(answer.status, 200, answer.body)
        return self.upstream.asked[-1].header("authorization")

    def test_a_key_is_set_used_replaced_rotated_and_deleted_while_serving(self):
        self.tacet.start()
        self.key = self.tacet.key()["key"]
        line = self.set(FIRST)
        self.assertEqual((line["provider"], line["key"]), ("mock", "…" + FIRST[-4:]))
        self.assertEqual(self.sent(), f"Bearer {FIRST}")
        self.set(SECOND)
        self.assertEqual(self.sent(), f"Bearer {SECOND}")
        for more in ([], ["--master"]):
            self.tacet.command("provider-keys", "rotate", *more)
            self.assertEqual(self.sent(), f"Bearer {SECOND}")
        self.assertEqual(self.tacet.stop(), 0)
        self.tacet.start()
        self.assertEqual(self.sent(), f"Bearer {SECOND}")
        listed = self.tacet.command("provider-keys", "list", "--json").stdout
        self.assertNotIn(SECOND.encode(), listed)
        self.assertEqual(len(listed.splitlines()), 1)
        provider = json.loads(self.tacet.command("provider", "--json", check=False).stdout)
        self.assertEqual(provider["key"], "vault")
        self.tacet.command("provider-keys", "delete", "mock")
        self.tacet.post(tacet_process.chat("mock/m"), self.key)
        self.assertIsNone(self.upstream.asked[-1].header("authorization"))
        again = self.tacet.command("provider-keys", "delete", "mock", check=False)
        self.assertEqual(again.returncode, 1)
        self.assertEqual(self.tacet.stop(), 0)
        marks = canary.Marks()
        search = canary.Search([marks.secret(key) and key[8:26] for key in (FIRST, SECOND)])
        search.folder(self.tacet.folder)
        self.assertGreater(search.bytes, 10_000)
        self.assertEqual(search.found, [])

    def test_another_master_key_is_refused_and_a_named_former_one_is_left(self):
        extra = "vault: { master_key: 'env:MASTER' }"
        tacet = self.installation(extra, {"MASTER": "11" * 32})
        self.set(FIRST, tacet)
        tacet.environment["MASTER"] = "22" * 32
        refused = tacet.command("provider-keys", "list", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b"another master key", refused.stderr)
        tacet.start(wait=False)
        self.assertNotEqual(tacet.wait(), 0)
        self.assertIn("another master key", tacet.said())
        config = pathlib.Path(tacet.config)
        config.write_text(
            config.read_text().replace("'env:MASTER' }", "'env:MASTER', previous_master_key: 'env:FORMER' }"))
        tacet.environment["FORMER"] = "11" * 32
        self.assertIn(b"mock", tacet.command("provider-keys", "list").stdout)
        del tacet.environment["FORMER"]
        config.write_text(config.read_text().replace(", previous_master_key: 'env:FORMER'", ""))
        self.assertIn(b"mock", tacet.command("provider-keys", "list").stdout)
        tacet.environment["MASTER"] = "too short"
        self.assertIn(b"64 hexadecimal", tacet.command("provider-keys", "list", check=False).stderr)

    def test_rotations_that_are_killed_lose_no_key(self):
        """Killed at any moment, both kinds: the next start ends what was begun, and the provider gets its key."""
        self.set(FIRST)
        self.tacet.start()
        self.key = self.tacet.key()["key"]
        masters = set()
        for number in range(12):
            self.assertEqual(self.sent(), f"Bearer {FIRST}")
            self.assertEqual(self.tacet.stop(), 0)
            kind = ["--master"] if number % 2 else []
            rotation = subprocess.Popen(
                [tacet_process.binary(), "provider-keys", "rotate", *kind, "--config", self.tacet.config],
                env=self.tacet.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0.01, 0.3))
            rotation.kill()
            rotation.wait()
            self.tacet.start()
            self.assertFalse(pathlib.Path(self.tacet.data, "keys/master.next").exists(), "left half way")
            masters.add(pathlib.Path(self.tacet.data, "keys/master").read_bytes())
        self.assertEqual(self.sent(), f"Bearer {FIRST}")
        self.assertTrue(masters)

    def test_a_master_key_that_is_gone_is_told_and_nothing_is_made_in_its_place(self):
        self.set(FIRST)
        master = pathlib.Path(self.tacet.data, "keys/master")
        kept = master.read_bytes()
        for wrong in (None, kept[:-1], bytes(32)):
            master.unlink(missing_ok=True)
            if wrong is not None:
                master.write_bytes(wrong)
                master.chmod(0o600)
            done = self.tacet.command("provider-keys", "list", check=False)
            self.assertEqual(done.returncode, 1, wrong)
            self.assertTrue(done.stderr)
            self.tacet.start(wait=False)
            self.assertNotEqual(self.tacet.wait(), 0)
            self.assertEqual(master.read_bytes() if master.exists() else None, wrong, "not made anew")
        master.write_bytes(kept)
        self.assertIn(b"mock", self.tacet.command("provider-keys", "list").stdout)

    def test_a_command_prints_the_master_key(self):
        tacet = self.installation(f"vault: {{ master_key: 'command:/bin/echo {'ab' * 32}' }}")
        self.assertEqual(self.set(FIRST, tacet)["key"], "…" + FIRST[-4:])
        self.assertFalse(pathlib.Path(tacet.data, "keys/master").exists())
        broken = self.installation("vault: { master_key: 'command:/bin/false' }")
        done = broken.command("provider-keys", "set", "mock", given=b"sk-1234\n", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"did not print a key", done.stderr)

    def test_settings_that_cannot_be_meant_are_refused(self):
        for extra, said in (
            ("vault: { master_key: command:pass }", b"absolute path"),
            ("vault: { master_key: deadbeef }", b"refused"),
            ("vault: { previous_master_key: 'env:HOME' }", b"rotate"),
        ):
            with self.subTest(extra):
                done = self.installation(extra).command("config", "check", check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(said, done.stderr)

    def test_every_act_is_in_the_audit_log_without_values(self):
        self.tacet.start()
        self.tacet.key("a-name-nobody-should-find")
        self.set(FIRST)
        failed = self.tacet.command("keys", "revoke", "nothing-of-this-name", check=False)
        self.assertEqual(failed.returncode, 1)
        shown = self.tacet.command("audit-log", "list", "--json").stdout
        acts = [json.loads(line) for line in shown.splitlines()]
        self.assertEqual(
            [(act["action"], act["result"]) for act in acts],
            [("key_create", "begun"), ("provider_key_set", "begun"), ("key_revoke", "begun"), ("key_revoke", "failed")],
        )
        self.assertEqual(set(acts[0]["fields"]), {"by", "name", "environment"})
        self.assertNotIn(b"nobody", shown)
        check = json.loads(self.tacet.command("audit-log", "verify", "--json").stdout)
        self.assertEqual((check["sound"], check["entries"]), (True, 4))
        self.tacet.command("audit-log", "verify", "--head", acts[1]["hash"])
        self.assertEqual(self.tacet.stop(), 0)
        ledger = sqlite3.connect(pathlib.Path(self.tacet.data) / "ledger.sqlite")
        ledger.execute("update audit_log set at = at + 1 where sequence = 2")
        ledger.commit()
        ledger.close()
        done = self.tacet.command("audit-log", "verify", "--json", check=False)
        self.assertEqual((done.returncode, json.loads(done.stdout)["broken_at"]), (1, 2))


if __name__ == "__main__":
    unittest.main()
