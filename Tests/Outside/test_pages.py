"""The public pages of a live server: what they say, and what is not published."""

import json
import re
import unittest

import http_client
import outside_case

LEGAL = """legal:
  company: Rest GmbH
  address: Taktstraße 3, Wien
  contact: help@rest.example
  privacy_contact: privacy@rest.example
  website: https://rest.example
  operators: A. and B.
  hosting: Host AG, Austria
  jurisdiction: Austria
  effective: 2026-12-01
"""
PAGES = ["privacy", "terms", "dpa", "subprocessors", "security", "transparency"]


class Published(outside_case.OutsideCase):
    extra = LEGAL

    def get(self, path):
        with http_client.Connection(self.tacet.console) as connection:
            connection.send(http_client.request("GET", path))
            return connection.read("GET")

    def test_every_page_is_published_plain_and_without_cookie(self):
        for name in PAGES:
            answer = self.get(f"/legal/{name}")
            self.assertEqual(answer.status, 200)
            text = answer.body.decode()
            self.assertNotIn("is not published yet", text)
            self.assertNotRegex(answer.raw_head.decode().lower(), r"set-cookie")
            self.assertEqual(len(re.findall("<h1>", text)), 1)
            self.assertNotIn("<script", text)
        self.assertIn("Taktstraße 3, Wien", self.get("/legal/privacy").body.decode())
        self.assertEqual(self.get("/security").status, 200)
        self.assertIn(f"127.0.0.1:{self.upstream.port}", self.get("/legal/subprocessors").body.decode())
        self.assertEqual(self.get("/legal/nothing").status, 404)

    def test_every_page_speaks_every_language(self):
        titles = {"en": "Privacy policy", "de": "Datenschutzerklärung", "fr": "Politique de confidentialité",
                  "es": "Política de privacidad", "zh": "隐私政策", "ja": "プライバシーポリシー"}
        for code, title in titles.items():
            text = self.get(f"/legal/privacy?lang={code}").body.decode()
            self.assertIn(f'<html lang="{code}">', text)
            self.assertIn(f"<h1>{title}</h1>", text)
            with http_client.Connection(self.tacet.console) as connection:
                wish = [("accept-language", f"xx, {code}-XX;q=0.8, en;q=0.1")]
                connection.send(http_client.request("GET", "/legal/privacy", wish))
                self.assertIn(f"<h1>{title}</h1>", connection.read("GET").body.decode())

    def test_a_change_makes_a_version_and_the_earlier_one_stays(self):
        self.eventually(lambda: "Version 1, in force from Dec 1, 2026" in self.get("/legal/terms").body.decode())
        with open(self.tacet.config, encoding="utf-8") as file:
            former = file.read()
        with open(self.tacet.config, "w", encoding="utf-8") as file:
            file.write(former.replace("Rest GmbH", "Pause AG"))
        self.tacet.command("config", "reload")
        notice = self.eventually(lambda: self.find("/legal/terms", "This page changes on"))
        self.assertIn("Rest GmbH", notice)
        self.assertIn("Pause AG", self.get("/legal/terms?version=2").body.decode())
        self.assertIn("Rest GmbH", self.get("/legal/terms?version=1&lang=de").body.decode())
        self.assertEqual(self.get("/legal/terms?version=9").status, 503)
        # What says how things are is so at once.
        self.assertIn("Pause AG", self.get("/legal/subprocessors").body.decode())
        done = self.tacet.command("policy", "render", "privacy", "--language", "fr")
        self.assertIn("Pause AG", done.stdout.decode())
        self.assertIn("article 30", self.tacet.command("policy", "render", "processing").stdout.decode())

    def find(self, path, words):
        text = self.get(path).body.decode()
        return text if words in text else None

    def test_transparency_has_the_data_map_and_the_heads_are_there(self):
        document = json.loads(self.get("/transparency").body)
        self.assertGreater(len(document["data_map"]), 100)
        self.assertTrue(all(page["published"] for page in document["pages"]))
        self.assertEqual([who["host"] for who in document["recipients"]], ["127.0.0.1"])
        self.ask("m")
        self.tacet.command("receipts", "verify")
        heads = json.loads(self.get("/security/log-heads").body)
        self.assertEqual({head["chain"] for head in heads}, {"audit", "receipts"})
        audit = next(head for head in heads if head["chain"] == "audit")
        self.tacet.command("audit-log", "verify", "--head", audit["head"])


class Unpublished(outside_case.OutsideCase):
    extra = "legal: { company: Rest GmbH }"

    def test_a_page_with_an_unset_placeholder_is_not_published(self):
        with http_client.Connection(self.tacet.console) as connection:
            connection.send(http_client.request("GET", "/legal/privacy"))
            self.assertIn("not published", connection.read("GET").body.decode())
        said = self.tacet.command("policy", "check", check=False).stdout.decode()
        self.assertIn("/legal/privacy lacks legal.address", said)
        self.tacet.environment["TACET__LEGAL__CONTACT"] = "[MAIL]"
        done = self.tacet.command("config", "check", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"placeholder", done.stderr)


if __name__ == "__main__":
    unittest.main()
