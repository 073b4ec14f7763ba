"""Who was promised to be told is told by mail: incidents, authorities' requests, changed pages; and the console's archive."""

import email
import email.header
import email.policy
import io
import json
import re
import unittest
import urllib.parse
import zipfile

import http_client
import tacet_process
import test_alerts
from outside_case import OutsideCase

PASSWORD = "correct horse battery staple"
MAIL = "ada@example.org"


@unittest.skipUnless(test_alerts.Controller, "aiosmtpd is not installed (pip install aiosmtpd)")
class Notices(OutsideCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = test_alerts.Sink()
        cls.mail = test_alerts.Controller(cls.sink, hostname="127.0.0.1", port=tacet_process.free_port())
        cls.mail.start()
        cls.addClassCleanup(cls.mail.stop)
        server = f'server: "smtp://127.0.0.1:{cls.mail.port}", from: tacet@example.com, to: [ops@example.com]'
        cls.extra = f"""profile: auxen
swap: allowed
accounts: {{ sign_in: code }}
alerts: {{ mail: {{ {server} }} }}
legal: {{ company: Rest GmbH, address: Wien, contact: a@rest.example, effective: 2026-01-01, operators: Ada, hosting: Wien }}
"""
        super().setUpClass()
        secret = re.search(r"/set-up/(\S+)", cls.tacet.said())[1]
        form = urllib.parse.urlencode({"mail": MAIL, "organisation": "Engines"})
        answer = cls.page("POST", f"/set-up/{secret}", form)
        assert answer.status == 303, answer.body
        cls.cookie = answer.header("set-cookie").split(";")[0]

    @classmethod
    def page(cls, method, path, form="", cookie=None):
        fields = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")]
        if cookie:
            fields.append(("cookie", cookie))
        with http_client.Connection(cls.tacet.console) as connection:
            connection.send(http_client.request(method, path, fields, form.encode()))
            return connection.read(method)

    def told(self, subject):
        """The text of the one mail of this subject, and to whom it went."""

        def find():
            for _, to, content in self.sink.mails:
                mail = email.message_from_bytes(content, policy=email.policy.default)
                if mail["subject"] == subject:
                    return to, mail.get_content()
            return None

        return self.eventually(find, within=30, message=f"no mail: {subject}")

    def test_an_incident_is_told_to_those_affected(self):
        self.upstream.script("m", test_alerts.up.plain(test_alerts.up.completion("pong", model="m")))
        self.assertEqual(self.ask("m").status, 200)
        self.eventually(lambda: self.tacet.receipts())
        done = self.tacet.command("incident", "announce", "disclosed", "--concerns", "receipts", "--from", "1h", "--json")
        line = json.loads(done.stdout.splitlines()[0])
        self.assertEqual((line["affected"], line["told"]), (1, 1))
        to, text = self.told("An incident that concerns your organisation")
        self.assertEqual(to, [MAIL])
        self.assertIn("data disclosed", text)
        self.assertIn(f"http://127.0.0.1:{self.tacet.console}/security", text)
        acts = self.tacet.command("audit-log", "list", "--json").stdout.decode()
        self.assertIn("notice_send", acts)
        self.assertNotIn("example.org", acts)

    def test_an_authoritys_request_is_told_where_that_is_lawful(self):
        silent = json.loads(self.tacet.command("rights", "enter", "authority", "--json").stdout)
        self.assertNotIn("told", silent)
        line = json.loads(self.tacet.command("rights", "enter", "authority", "--tell", "--json").stdout)
        self.assertEqual(line["told"], 1)
        self.assertEqual(self.told("An authority asked for data of your organisation")[0], [MAIL])
        self.assertEqual(self.tacet.command("rights", "enter", "access", "--tell", check=False).returncode, 2)

    def test_a_page_that_changes_is_told_before_it_holds(self):
        self.eventually(lambda: b"Rest GmbH" in self.page("GET", "/legal/terms").body)
        with open(self.tacet.config, encoding="utf-8") as file:
            former = file.read()
        with open(self.tacet.config, "w", encoding="utf-8") as file:
            file.write(former.replace("Rest GmbH", "Pause AG"))
        self.tacet.command("config", "reload")
        to, text = self.told("A page that you agreed to changes")
        self.assertEqual(to, [MAIL])
        self.assertIn("/legal/", text)
        self.assertIn(b"This page changes on", self.page("GET", "/legal/terms").body)

    def test_people_take_their_archive_from_the_console(self):
        page = self.page("GET", "/privacy", cookie=self.cookie)
        token = re.search(rb'name="token" value="([^"]+)"', page.body)[1].decode()
        answer = self.page("POST", "/privacy/export", urllib.parse.urlencode({"token": token}), self.cookie)
        self.assertEqual(answer.status, 200, answer.body[:300])
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            people = json.loads(archive.read("tables/people.json"))
            self.assertEqual([person["mail_address"] for person in people], [MAIL])
            self.assertEqual(json.loads(archive.read("tables/organisations.json"))[0]["name"], "Engines")
            self.assertEqual(len(json.loads(archive.read("tables/sessions.json"))), 1)
            self.assertIn("audit_log.json", " ".join(archive.namelist()))
        self.assertNotIn(b"verifier", answer.body)


if __name__ == "__main__":
    unittest.main()
