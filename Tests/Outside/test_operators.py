"""Who may use the verbs of a running server, and that each use is written down with who it was."""

import json
import os
import pathlib
import pwd

import outside_case
import tacet_process


def user():
    """As the server names who runs this: the login that the kernel remembers, else the user."""
    with open("/proc/self/loginuid", encoding="ascii") as file:
        login = int(file.read())
    number = os.getuid() if login == 2**32 - 1 else login
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def acts(tacet):
    lines = tacet.command("audit-log", "list", "--json", "--limit", "1000").stdout.splitlines()
    return [(line["action"], line["result"], line.get("by")) for line in map(json.loads, lines)]


class Open(outside_case.OutsideCase):
    def test_each_act_names_its_user(self):
        self.assertIn(("key_create", "begun", user()), acts(self.tacet))
        self.assertNotIn(user().encode(), pathlib.Path(self.tacet.data, "ledger.sqlite").read_bytes())
        self.assertEqual(self.tacet.command("break-glass", check=False).returncode, 1)
        self.tacet.command("audit-log", "verify")


class Named(outside_case.OutsideCase):
    @classmethod
    def setUpClass(cls):
        cls.extra = f"operators: [{user()}]"
        super().setUpClass()

    def test_a_named_user_is_obeyed_and_the_access_recorded(self):
        self.assertEqual(acts(self.tacet)[:2], [("access", "begun", user()), ("key_create", "begun", user())])


class Others(outside_case.OutsideCase):
    extra = "operators: [somebody-else]"

    @classmethod
    def setUpClass(cls):
        reason = tacet_process.missing()
        if reason:
            raise outside_case.unittest.SkipTest(reason)
        cls.upstream = outside_case.ScriptedUpstream()
        cls.tacet = tacet_process.Tacet(cls.providers(), extra=cls.extra)
        cls.tacet.start()

    def test_a_user_who_is_not_named_is_refused_until_the_glass_breaks(self):
        for verb in (["keys", "create", "--name", "mine"], ["receipts", "list"], ["config", "reload"], ["rights", "show"]):
            done = self.tacet.command(*verb, check=False)
            self.assertEqual(done.returncode, 1, verb)
            self.assertIn(b"is none of `operators`", done.stderr)
        line = json.loads(self.tacet.command("break-glass", "--json").stdout)
        self.assertEqual(line["user"], user())
        self.tacet.key("mine")
        self.assertEqual(
            [act[:2] for act in acts(self.tacet)],
            [("access_refuse", "failed"), ("glass_break", "begun"), ("key_create", "begun")])
        self.assertTrue(all(act[2] == user() for act in acts(self.tacet)))
        self.tacet.stop()
        self.tacet.start()
        self.assertEqual(self.tacet.command("keys", "list", check=False).returncode, 1, "it closes with the process")

    def test_what_is_no_user_is_refused(self):
        config = pathlib.Path(self.tacet.config)
        former = config.read_text()
        try:
            config.write_text(former.replace("[somebody-else]", '["two words"]'))
            done = self.tacet.command("config", "check", check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"operators names `two words`", done.stderr)
        finally:
            config.write_text(former)


if __name__ == "__main__":
    outside_case.unittest.main()
