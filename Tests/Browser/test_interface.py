#!/usr/bin/env python3
"""The console's interface from outside, walked by its own document: who may do what, whose ids are found, what is refused.

Usage: test_interface.py BINARY [TEST…]
"""
import http.client
import itertools
import json
import re
import sys
import unittest
import urllib.parse

from console_site import PASSWORD, MailSink, Site


class Interface(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mail = MailSink()
        cls.site = Site(BINARY, cls.mail, extra="accounts: { sign_up: open }\n")
        secret = cls.site.set_up.rsplit("/", 1)[1]
        body = {"mail": "ada@example.org", "password": PASSWORD, "organisation": "Engines"}
        cls.owner = cls.ask("POST", f"/api/set-up/{secret}", body)[1]["token"]
        cls.document = cls.ask("GET", "/api/openapi.json")[1]
        cls.operations = [
            (method.upper(), path, operation)
            for path, methods in cls.document["paths"].items() for method, operation in methods.items()
        ]
        cls.stranger = cls.opened("stranger@example.org")
        link = cls.ask("POST", "/api/invitations", {"mail": "v@example.org", "role": "viewer"}, cls.owner)[1]["link"]
        cls.viewer = cls.ask("POST", "/api/invitation/" + link.rsplit("/", 1)[1], {"password": PASSWORD})[1]["token"]

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()
        cls.mail.stop()

    @classmethod
    def ask(cls, method, path, body=None, token=None, headers=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", cls.site.console, timeout=30)
        fields = dict(headers or {})
        if token:
            fields["authorization"] = f"Bearer {token}"
        if body is not None:
            fields["content-type"] = kind
        data = json.dumps(body) if isinstance(body, (dict, list)) else body
        connection.request(method, path, data, fields)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        try:
            return answer.status, json.loads(text) if text else None
        except ValueError:
            return answer.status, text

    @classmethod
    def opened(cls, mail):
        """Somebody with an organisation of its own."""
        count = len(cls.mail.mails)
        pending = cls.ask("POST", "/api/session/mail", {"mail": mail})[1]["pending"]
        code = re.search(r"\b[0-9]{8}\b", cls.mail.wait(count + 1).get_content())[0]
        return cls.ask("POST", "/api/session/code", {"pending": pending, "code": code})[1]["token"]

    def is_open(self, operation):
        return operation["security"] == []

    def sample(self, operation):
        """A body that an operation takes, as its document says."""
        if "requestBody" not in operation:
            return None
        schema = operation["requestBody"]["content"]["application/json"]["schema"]

        def value(property):
            if "enum" in property:
                return property["enum"][0]
            return {"string": "sample", "integer": 5, "boolean": False, "array": ["a"]}[property["type"]]

        return {name: value(property) for name, property in schema["properties"].items() if name in schema["required"]}

    # Who may.

    def test_without_a_token_nothing_is_answered(self):
        for method, path, operation in self.operations:
            if self.is_open(operation):
                continue
            path = re.sub(r"\{.*?\}", "1", path)
            for token in (None, "", "junk", self.owner[:-2], "eyJhbGciOiJub25lIn0.e30."):
                status, answer = self.ask(method, path, self.sample(operation), token)
                self.assertEqual((status, answer["error"]["code"]), (401, "not_signed_in"), f"{method} {path}")

    def test_cookies_are_not_read_and_bearers_are_no_cookies(self):
        form = urllib.parse.urlencode({"mail": "ada@example.org", "password": PASSWORD})
        _, fields, _ = self.site.ask("POST", "/sign-in", form)
        cookie = re.search(r"__Host-tacet=([^;]+)", fields["set-cookie"])[1]
        self.assertEqual(self.site.ask("GET", "/keys", cookie=cookie)[0], 200)
        for method, path, operation in self.operations:
            if not self.is_open(operation):
                path = re.sub(r"\{.*?\}", "1", path)
                headers = {"cookie": f"__Host-tacet={cookie}"}
                status, _ = self.ask(method, path, self.sample(operation), headers=headers)
                self.assertEqual(status, 401, f"{method} {path}")
        self.assertEqual(self.ask("GET", "/api/me", token=cookie)[0], 401, "a cookie's token is no bearer")
        self.assertEqual(self.site.ask("GET", "/keys", cookie=self.owner)[0], 303, "nor a bearer's a cookie")
        status, fields, _ = self.site.ask("GET", "/api/me", headers={"authorization": f"Bearer {self.owner}"})
        self.assertEqual(status, 200)
        self.assertNotIn("set-cookie", fields)
        self.assertNotIn("access-control-allow-origin", fields)

    def test_a_viewer_changes_nothing(self):
        own = {
            "/api/session", "/api/session/proof", "/api/session/proof/passkey", "/api/sessions", "/api/sessions/{name}",
            "/api/agreements",
        }
        seen = set()
        for method, path, operation in self.operations:
            if self.is_open(operation) or path in own or "/me" in path or "/join" in path or "events" in path:
                continue
            status, answer = self.ask(method, re.sub(r"\{.*?\}", "1", path), self.sample(operation), self.viewer)
            seen.add(status)
            if method == "GET":
                self.assertIn(status, (200, 403, 404), f"{method} {path} {answer}")
            else:
                self.assertEqual((status, answer["error"]["code"]), (403, "role"), f"{method} {path}")
        self.assertEqual(seen, {200, 403, 404})
        self.assertEqual(self.ask("GET", "/api/audit-log", token=self.viewer)[0], 403)

    def test_ids_of_another_organisation_are_not_found(self):
        key = self.ask("POST", "/api/keys", {"name": "the owner's", "amount": "5", "period": "month"}, self.owner)[1]
        self.ask("PUT", "/api/provider-keys/openai", {"key": "sk-of-the-owner-1234"}, self.owner)
        self.site.send(key["secret"])
        status, requests = self.ask("GET", "/api/requests", token=self.owner)
        self.assertEqual((status, len(requests)), (200, 1))
        self.ask("POST", "/api/invitations", {"mail": "third@example.org", "role": "viewer"}, self.owner)
        _, team = self.ask("GET", "/api/team", token=self.owner)
        _, invitations = self.ask("GET", "/api/invitations", token=self.owner)
        _, sessions = self.ask("GET", "/api/sessions", token=self.owner)
        ids = [key["key"]["id"], requests[0]["id"], team[0]["id"], invitations[0]["id"]]
        choices = {
            "id": ids, "owner": [key["key"]["id"]], "period": ["month"], "provider": ["openai"],
            "name": [session["name"] for session in sessions], "secret": ["A" * 22], "right": ["nothing"],
        }
        tried = 0
        for method, path, operation in self.operations:
            names = re.findall(r"\{(.*?)\}", path)
            if not names or (method, path) == ("PUT", "/api/provider-keys/{provider}"):
                continue
            for values in itertools.product(*(choices[name] for name in names)):
                asked = path
                for name, value in zip(names, values):
                    asked = asked.replace("{" + name + "}", urllib.parse.quote(value))
                status, answer = self.ask(method, asked, self.sample(operation), self.stranger)
                expected = (410, 422) if self.is_open(operation) or "join" in path else (404,)
                if path.startswith("/api/installation"):
                    expected = (403,)
                self.assertIn(status, expected, f"{method} {asked} {answer}")
                tried += 1
        self.assertGreater(tried, 20)
        _, keys = self.ask("GET", "/api/keys", token=self.owner)
        self.assertIsNone(next(one for one in keys if one["id"] == key["key"]["id"])["revoked_at"])
        self.assertEqual(len(self.ask("GET", "/api/provider-keys", token=self.owner)[1]), 1)
        self.assertEqual(self.ask("GET", f"/api/requests?key={key['key']['id']}", token=self.stranger)[0], 404)
        self.assertEqual(self.ask("GET", "/api/requests", token=self.stranger)[1], [])

    # What it takes.

    def test_bodies_are_closed(self):
        for method, path, operation in self.operations:
            body = self.sample(operation)
            if body is None:
                continue
            asked = re.sub(r"\{.*?\}", "1", path)
            for wrong in ({**body, "prompt": "Hello"}, {name: {} for name in body} or {"x": 1}, [], "x", 5, None):
                text = json.dumps(wrong)
                status, answer = self.ask(method, asked, text, self.owner)
                self.assertIn(status, (400, 422), f"{method} {path} {text} {answer}")
            for text in ("{", "", '{"a":1,"a":2}', '{"mail":"\ud800"}'.encode("utf-8", "surrogatepass"), b"\xff"):
                if body or text:
                    status, _ = self.ask(method, asked, text, self.owner)
                    self.assertIn(status, (400, 422), f"{method} {path} {text!r}")
            status, _ = self.ask(method, asked, body, self.owner, kind="text/plain")
            self.assertEqual(status, 400, f"{method} {path}")
        status, _ = self.ask("POST", "/api/keys", json.dumps({"name": "x" * 70_000}), self.owner)
        self.assertIn(status, (400, 413, 422, 503))

    def test_long_and_strange_names_are_refused_or_text(self):
        for name in ("x" * 5000, "", "\u202eright to left", "=1+1", "🏴‍☠️", "a\nb", "<b>"):
            status, answer = self.ask("POST", "/api/keys", {"name": name}, self.owner)
            self.assertIn(status, (200, 422), name)
            if status == 200:
                self.assertEqual(answer["key"]["name"], name)
        for wrong in ({"amount": "-1"}, {"amount": "1e9"}, {"rate": 0}, {"days": 99999}, {"models": ["a b*c"]}):
            status, answer = self.ask("POST", "/api/keys", {"name": "limits", **wrong}, self.owner)
            self.assertEqual(status, 422, answer)
            self.assertIn(answer["error"]["code"], ("amount", "rate", "days", "models"))

    def test_what_is_dangerous_wants_a_proof(self):
        token = self.ask("POST", "/api/session", {"mail": "ada@example.org", "password": PASSWORD})[1]["token"]
        self.site.forget_proofs()
        status, answer = self.ask("PUT", "/api/provider-keys/openai", {"key": "sk-nobody-proved"}, token)
        self.assertEqual((status, answer["error"]["code"]), (403, "not_proved"))
        status, answer = self.ask("POST", "/api/session/proof", {"proof": "wrong"}, token)
        self.assertEqual((status, answer["error"]["code"]), (422, "wrong"))
        _, answer = self.ask("POST", "/api/session/proof", {"proof": PASSWORD}, token)
        self.assertEqual(self.ask("GET", "/api/me", token=token)[0], 401, "the former token is dead")
        status, _ = self.ask("PUT", "/api/provider-keys/openai", {"key": "sk-now-proved-9876"}, answer["token"])
        self.assertEqual(status, 200)
        shown = self.ask("GET", "/api/provider-keys", token=answer["token"])[1]
        self.assertEqual([one["shown"] for one in shown], ["9876"])
        self.assertEqual(self.ask("DELETE", "/api/session", token=answer["token"])[0], 204)
        self.assertEqual(self.ask("GET", "/api/me", token=answer["token"])[0], 401)

    def test_budgets_and_keys_come_and_go(self):
        made = self.ask("POST", "/api/keys", {"name": "short-lived", "models": ["sandbox/*"]}, self.owner)[1]
        owner = made["key"]["id"]
        body = {"owner": owner, "period": "day", "amount": "0.50", "action": "block"}
        self.assertEqual(self.ask("PUT", "/api/budgets", body, self.owner)[0], 204)
        budgets = [one for one in self.ask("GET", "/api/budgets", token=self.owner)[1] if one["owner"] == owner]
        self.assertEqual([(one["amount_nano_usd"], one["action"]) for one in budgets], [(500_000_000, "block")])
        self.assertEqual(self.ask("DELETE", f"/api/budgets/{owner}/day", token=self.owner)[0], 204)
        self.assertEqual(self.ask("DELETE", f"/api/budgets/{owner}/day", token=self.owner)[0], 404)
        self.assertEqual(self.ask("DELETE", f"/api/keys/{owner}", token=self.owner)[0], 204)
        self.assertEqual(self.ask("DELETE", f"/api/keys/{owner}", token=self.owner)[0], 404)
        acts = [one["action"] for one in self.ask("GET", "/api/audit-log", token=self.owner)[1]]
        for act in ("key_create", "budget_set", "budget_remove", "key_revoke"):
            self.assertIn(act, acts)
        status, export = self.ask("POST", "/api/export", token=self.owner)
        self.assertEqual((status, export[:2]), (200, b"PK"))


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    unittest.main(verbosity=2)
