"""Profiles of one's own, what organisations tighten, archives, incidents, whose key a provider gets."""

import io
import json
import os
import sqlite3
import subprocess
import unittest
import zipfile

import http_client
import outside_case
import tacet_process


class Profiles(outside_case.OutsideCase):
    extra = """profile: { extends: aurixel, compression: off }
billing: prepaid
legal: { company: Rest GmbH, address: Wien, contact: a@rest.example, effective: 2026-01-01 }
"""

    def command(self, *words, **more):
        return self.tacet.command(*words, **more)

    def database(self):
        return sqlite3.connect(f"file:{self.tacet.data}/ledger.sqlite?mode=ro", uri=True)

    def test_a_configuration_that_contradicts_its_profile_does_not_start(self):
        for words, parts in [
            ({"TACET__LISTEN__API": "0.0.0.0:1"}, [b"AN-18", b"All traffic is encrypted."]),
            ({"TACET__BILLING": "none"}, [b"AI-9", b"prepaid credit"]),
            ({"TACET__PROFILE__LOG_RETENTION_DAYS": "30"}, [b"looser than `14`", b"AN-25: Logs are purged"]),
            ({"TACET__PROFILE__LOGS": "1"}, [b"`logs` is not known in profile"]),
            ({"TACET__LEGAL__EFFECTIVE": "soon"}, [b"legal.effective is `soon`", b"2026-12-01"]),
        ]:
            environment = {**os.environ, **self.tacet.environment, **words}
            done = subprocess.run(
                [tacet_process.binary(), "serve", "--config", str(self.tacet.config)], env=environment,
                capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 2, (words, done.stderr))
            for part in parts:
                self.assertIn(part, done.stderr)

    def test_origins_are_kept_where_the_profile_says_so(self):
        self.command("ledger", "grant", "--amount", "5", "--key", "origins")
        self.ask("m")
        self.eventually(lambda: self.origins())
        self.assertEqual(self.origins()[0][-4:], bytes([127, 0, 0, 1]))
        self.command("rights", "tighten", "client_address", "off")
        count = len(self.origins())
        self.ask("m")
        self.command("receipts", "list")
        self.assertEqual(len(self.origins()), count)

    def origins(self):
        with self.database() as database:
            return [row[0] for row in database.execute("SELECT origin FROM request_origins")]

    def test_compression_that_is_off_is_refused(self):
        answer = self.ask("m", headers=[("x-tacet-compress", "lossless")])
        self.assertEqual(answer.status, 403)
        self.assertIn(b"compression_not_allowed", answer.body)
        self.assertEqual(self.ask("m", headers=[("x-tacet-compress", "off")]).status, 200)

    def test_an_organisation_tightens_and_never_loosens(self):
        done = self.command("rights", "tighten", "log_retention_days", "14", check=False)
        self.assertIn(b"the deployment alone", done.stderr)
        done = self.command("rights", "tighten", "client_address", "full", "--organisation", "3", check=False)
        self.assertEqual(done.returncode, 0)
        self.command("rights", "tighten", "client_address", "off", "--organisation", "3")
        done = self.command("rights", "tighten", "client_address", "full", "--organisation", "3", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"looser than `off`", done.stderr)
        self.assertIn(b"AI-11", done.stderr)

    def test_the_archive_comes_back_and_a_doctored_one_does_not(self):
        path = os.path.join(self.tacet.folder, "account.zip")
        self.command("keys", "create", "--name", "exported")
        self.command("ledger", "grant", "--amount", "5", "--organisation", "1", "--key", "exported-money")
        self.command("ledger", "grant", "--amount", "7", "--organisation", "2", "--key", "of-another")
        self.command("rights", "export", path)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            self.assertIn("schema.json", names)
            keys = json.loads(archive.read("tables/gateway_keys.json"))
            self.assertIn("exported", [key["name"] for key in keys])
            self.assertTrue(all("digest" not in key for key in keys))
            wallet = next(line for line in json.loads(archive.read("tables/ledger_accounts.json")) if line["kind"] == 1)
            self.assertEqual(wallet["organisation"], 1)
            self.assertGreaterEqual(wallet["credits_posted"], 5_000_000_000)
            moved = json.loads(archive.read("tables/ledger_transfers.json"))
            self.assertIn((5_000_000_000, wallet["number"]), [(line["amount"], line["credit"]) for line in moved])
            grants = json.loads(archive.read("tables/ledger_grants.json"))
            self.assertIn("exported-money", [grant["business_key"] for grant in grants])
            self.assertNotIn(b"of-another", b"".join(archive.read(name) for name in names))
        self.assertEqual(self.command("rights", "export", path, check=False).returncode, 2)
        line = json.loads(self.command("rights", "import", path, "--json").stdout)
        self.assertEqual(line["rows"], 0)
        with open(path, "rb") as file:
            whole = file.read()
        place = whole.index(b"exported")
        for changed in (whole[:place] + b"doctored" + whole[place + 8:], whole[:-30], b"", self.repacked(whole)):
            with open(path + ".changed", "wb") as file:
                file.write(changed)
            done = self.command("rights", "import", path + ".changed", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"Nothing was changed.", done.stderr)
        done = self.command("rights", "import", path, "--organisation", "2", check=False)
        self.assertIn(b"is of organisation 1", done.stderr)

    @staticmethod
    def repacked(whole):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
        return out.getvalue()

    def test_incidents_stand_on_the_security_page_in_every_language(self):
        self.command("incident", "announce", "disclosed", "--concerns", "receipts", "--from", "2026-01-01T00:00:00Z")
        self.assertIn(b"disclosed", self.command("incident", "list").stdout)
        self.command("incident", "end", "1")
        done = self.command("incident", "announce", "sad", "--from", "2026-01-01", check=False)
        self.assertEqual(done.returncode, 2)

    def test_the_bill_of_materials_names_every_package(self):
        bill = json.loads(self.command("sbom", with_config=False).stdout)
        self.assertEqual((bill["bomFormat"], bill["specVersion"]), ("CycloneDX", "1.6"))
        names = {part["name"] for part in bill["components"]}
        self.assertLessEqual({"swift-nio", "swift-crypto", "hummingbird", "grdb.swift", "yams"}, names)
        with http_client.Connection(self.tacet.console) as connection:
            connection.send(http_client.request("GET", "/security/sbom"))
            self.assertEqual(json.loads(connection.read("GET").body), bill)

    def test_pages_are_accepted_by_version(self):
        done = self.command("rights", "accept", "security", check=False)
        self.assertEqual(done.returncode, 2)
        self.eventually(lambda: self.command("rights", "accept", "terms", check=False).returncode == 0)
        line = json.loads(self.command("rights", "acceptances", "--json").stdout)
        self.assertEqual((line["page"], line["version"], line["organisation"]), ("terms", 1, 1))


class Passthrough(outside_case.OutsideCase):
    upstream_key = "passthrough"

    def post(self, *headers):
        return self.tacet.post(tacet_process.chat("mock/m"), headers=headers)

    def test_the_callers_own_key_goes_to_its_provider_alone(self):
        own = "Bearer sk-of-the-caller-0123456789"
        self.assertEqual(self.post(("x-tacet-key", self.key), ("authorization", own)).status, 200)
        sent = self.upstream.asked[-1]
        self.assertEqual(sent.header("authorization"), own)
        self.assertNotIn(self.key, str(sent.headers))
        answer = self.post(("authorization", f"Bearer {self.key}"))
        self.assertEqual(answer.status, 401)
        self.assertIn(b"missing_provider_key", answer.body)
        for folder, _, files in os.walk(self.tacet.data):
            for name in files:
                if name.endswith(".sock"):
                    continue
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(b"sk-of-the-caller", file.read(), name)


if __name__ == "__main__":
    unittest.main()
