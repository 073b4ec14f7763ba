"""A deletion reaches the copies: a ledger saved before it opens to nothing, and brings nobody back."""

import json
import pathlib
import shutil
import unittest

import canary
import scripted_upstream as up
import tacet_process
import visitor


@unittest.skipIf(tacet_process.missing(), tacet_process.missing())
class Erasure(unittest.TestCase):
    def setUp(self):
        self.upstream = up.ScriptedUpstream()
        self.addCleanup(self.upstream.stop)
        self.upstream.default = up.plain(up.completion("pong", model="m"))
        providers = {
            "mock": tacet_process.provider(self.upstream), "own": tacet_process.provider(self.upstream, key="vault")}
        self.tacet = tacet_process.Tacet(providers, extra="profile: aura\nswap: allowed")
        self.addCleanup(self.tacet.remove)
        self.tacet.start()

    def keys(self):
        """The key files of a kind that there are."""
        folder = pathlib.Path(self.tacet.data, "keys")
        return {kind: len(list(folder.glob(f"{kind}/*"))) for kind in ("organisations", "people", "vault")}

    def saved(self):
        """The ledger as a backup would have it."""
        self.assertEqual(self.tacet.stop(), 0)
        folder = pathlib.Path(self.tacet.folder, "backup")
        folder.mkdir()
        for path in pathlib.Path(self.tacet.data).glob("ledger.sqlite*"):
            shutil.copy(path, folder)
        self.tacet.start()
        return folder

    def test_a_ledger_saved_before_a_deletion_brings_nobody_back(self):
        marks = canary.Marks()
        mail, name, company = (marks.mark(what) for what in ("mail", "name", "company"))
        ada = visitor.Visitor(self.tacet, mail=f"{mail}@example.org", name=name, organisation=company)
        self.assertIn(company, ada.get("/settings"))
        made = self.tacet.key()
        self.assertEqual(self.tacet.post(tacet_process.chat("mock/m"), made["key"]).status, 200)
        self.tacet.command("provider-keys", "set", "own", given=b"sk-own-secret-of-the-copy-51c2\n")
        self.assertEqual(self.keys(), {"organisations": 1, "people": 1, "vault": 1})
        backup = self.saved()
        search = canary.Search([marks.word, "sk-own-secret-of-the-copy"])
        search.folder(str(backup))
        self.assertGreater(search.bytes, 10_000)
        self.assertEqual(search.found, [], "what a ledger has of names is sealed")

        statement = self.tacet.command("rights", "set", "delete-now", "--json").stdout.splitlines()[1]
        self.assertEqual(len(json.loads(statement)["statement"]["data_keys_destroyed"]), 3)
        self.assertEqual(self.keys(), {"organisations": 0, "people": 0, "vault": 0})

        self.assertEqual(self.tacet.stop(), 0)
        for path in pathlib.Path(self.tacet.data).glob("ledger.sqlite*"):
            path.unlink()
        for path in backup.iterdir():
            shutil.copy(path, self.tacet.data)
        shutil.rmtree(backup)
        self.tacet.start()
        self.assertIn("Organisation 1 was purged before", self.tacet.said())
        self.assertIn(self.tacet.post(tacet_process.chat("mock/m"), made["key"]).status, (401, 403))
        self.assertEqual(self.tacet.receipts(), [])
        self.assertEqual(self.tacet.command("keys", "list", "--json").stdout, b"")
        self.assertEqual(self.tacet.command("provider-keys", "list", "--json").stdout, b"")
        search = canary.Search([marks.word, "sk-own-secret-of-the-copy"])
        search.folder(self.tacet.data)
        self.assertEqual(search.found, [])
        self.tacet.command("audit-log", "verify")
        self.tacet.stop()
        self.tacet.start()
        self.assertNotIn("was purged before", self.tacet.said(), "once")


if __name__ == "__main__":
    unittest.main()
