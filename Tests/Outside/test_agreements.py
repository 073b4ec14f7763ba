"""People correct what is kept of them, and agree to what is in force before they use the console."""

import http.client
import json
import pathlib
import unittest

import canary
import outside_case
import tacet_process
import visitor

PASSWORD = "correct horse battery staple"


def api(tacet, method, path, token=None, **body):
    """A call of the console's interface: status and what it says."""
    connection = http.client.HTTPConnection("127.0.0.1", tacet.console, timeout=60)
    fields = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    connection.request(method, path, json.dumps(body) if body else None, fields)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


class Corrections(outside_case.OutsideCase):
    extra = "profile: aurex\nswap: allowed"

    def test_people_correct_name_and_address_themselves(self):
        marks = canary.Marks()
        former, name, company = (marks.mark(what) for what in ("former", "name", "company"))
        ada = visitor.Visitor(self.tacet, mail=f"{former}@example.org", name=former, organisation=former)
        self.assertEqual(ada.post("/settings/name", name=name)[:2], (303, "/settings?done=saved"))
        self.assertEqual(ada.post("/settings/organisation", name=company)[:2], (303, "/settings?done=saved"))
        self.assertEqual(ada.post("/settings/mail", mail="countess@example.org")[:2], (303, "/settings?done=mail_set"))
        page = ada.get("/settings")
        for text in (name, company, "countess@example.org"):
            self.assertIn(text, page)
        self.assertNotIn(former, page)
        self.assertEqual(ada.post("/settings/name", name="a\u200bb")[0], 422)
        old = api(self.tacet, "POST", "/api/session", mail=f"{former}@example.org", password=PASSWORD)
        self.assertEqual((old[0], old[1]["error"]["code"]), (422, "wrong"))
        token = api(self.tacet, "POST", "/api/session", mail="countess@example.org", password=PASSWORD)[1]["token"]
        self.assertEqual(api(self.tacet, "PUT", "/api/me/name", token, name="Ada")[0], 204)
        me = api(self.tacet, "GET", "/api/me", token)[1]
        self.assertEqual((me["name"], me["mail"], me["organisation_name"]), ("Ada", "countess@example.org", company))
        self.assertEqual(api(self.tacet, "PUT", "/api/me/mail", token, mail="lovelace@example.org")[0], 204)
        archive = pathlib.Path(self.tacet.folder, "account.zip")
        self.tacet.command("rights", "export", str(archive))
        self.assertIn(b"lovelace@example.org", archive.read_bytes())
        self.assertNotIn(former.encode(), archive.read_bytes())
        acts = self.tacet.command("audit-log", "list", "--json", "--limit", "1000").stdout.decode()
        for act in ("person_rename", "organisation_rename", "mail_set"):
            self.assertIn(act, acts)
        search = canary.Search([marks.word, "countess@example.org", "lovelace@example.org"])
        search.folder(self.tacet.data)
        self.assertEqual(search.found, [])


class Agreements(outside_case.OutsideCase):
    extra = """profile: aurixel
swap: allowed
billing: prepaid
legal: { company: Rest Ltd, address: Hong Kong, contact: a@rest.example, privacy_contact: p@rest.example,
  website: https://rest.example, effective: 2026-01-01, hosting: Hong Kong }
"""

    def accepted(self):
        lines = self.tacet.command("rights", "acceptances", "--json").stdout.splitlines()
        return [(line["page"], line["version"], line["member"]) for line in map(json.loads, lines)]

    def test_age_and_pages_are_agreed_to_before_anything_else(self):
        ada = visitor.Visitor(self.tacet)
        self.eventually(lambda: ada.leads("/") and b"/legal/dpa" in ada.post("/agree", "/agree")[2], within=20)
        self.assertEqual(ada.leads("/keys"), "/agree?then=%2Fkeys")
        self.assertIsNone(ada.leads("/privacy"), "one's rights are open")
        page = ada.get("/agree?then=/keys")
        for text in ("at least 16 years old", "/legal/terms?", "/legal/privacy?", "/legal/dpa?"):
            self.assertIn(text, page)
        self.assertEqual(ada.post("/agree", "/agree", age="16", terms="1", privacy="1")[0], 422)
        self.assertEqual(ada.post("/agree", "/agree", age="13", terms="1", privacy="1", dpa="1")[0], 422)
        self.assertEqual(self.accepted(), [])
        token = api(self.tacet, "POST", "/api/session", mail="ada@example.org", password=PASSWORD)[1]["token"]
        status, problem = api(self.tacet, "GET", "/api/keys", token)
        self.assertEqual((status, problem["error"]["code"]), (403, "not_agreed"))
        due = api(self.tacet, "GET", "/api/agreements", token)[1]
        self.assertEqual([point["name"] for point in due], ["age", "privacy", "terms", "dpa"])
        self.assertEqual(api(self.tacet, "POST", "/api/agreements", token, name="dpa", version=7)[0], 422)
        self.assertEqual(api(self.tacet, "POST", "/api/agreements", token, name="dpa", version=1)[0], 204)
        self.assertEqual(api(self.tacet, "POST", "/api/agreements", token, name="dpa", version=1)[0], 404)
        answer = ada.post("/agree", "/agree", age="16", terms="1", privacy="1", then="/keys")
        self.assertEqual(answer[:2], (303, "/keys"))
        self.assertIsNone(ada.leads("/keys"))
        self.assertEqual(api(self.tacet, "GET", "/api/keys", token)[0], 200)
        accepted = self.accepted()
        self.assertEqual(sorted(row[:2] for row in accepted), [("age", 16), ("dpa", 1), ("privacy", 1), ("terms", 1)])
        self.assertEqual(len({row[2] for row in accepted}), 1)
        self.assertGreater(accepted[0][2], 0)
        self.assertIn("page_accept", self.tacet.command("audit-log", "list", "--json").stdout.decode())

        # A page that changes is asked for again, and nothing else is.
        config = pathlib.Path(self.tacet.config)
        config.write_text(config.read_text().replace("Rest Ltd", "Pause Ltd"))
        self.tacet.command("config", "reload")
        self.eventually(lambda: ada.leads("/"), within=20)
        page = ada.get("/agree")
        self.assertNotIn("years old", page)
        self.assertIn("version=2", page)
        self.tacet.command("rights", "accept", "terms")
        self.assertNotIn("/legal/terms?", ada.get("/agree"), "what the organisation agreed to holds for its members")


if __name__ == "__main__":
    unittest.main()
