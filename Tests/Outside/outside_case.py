"""What the outside tests share: one upstream and one server per class."""

import time
import unittest

import tacet_process
from scripted_upstream import ScriptedUpstream


class OutsideCase(unittest.TestCase):
    """Each class gets its own provider, server and key."""

    limits = ""
    extra = ""
    price = "free"
    upstream_key = "env:MOCK_KEY"

    @classmethod
    def setUpClass(cls):
        reason = tacet_process.missing()
        if reason:
            raise unittest.SkipTest(reason)
        cls.upstream = ScriptedUpstream()
        cls.tacet = tacet_process.Tacet(cls.providers(), limits=cls.limits, extra=cls.extra)
        try:
            cls.tacet.start()
            cls.key = cls.tacet.key()["key"]
        except BaseException:
            cls.tacet.remove()
            cls.upstream.stop()
            raise

    @classmethod
    def providers(cls):
        return {"mock": tacet_process.provider(cls.upstream, key=cls.upstream_key, price=cls.price)}

    @classmethod
    def tearDownClass(cls):
        alive = cls.tacet.process.poll() is None
        said = cls.tacet.said()
        cls.tacet.remove()
        cls.upstream.stop()
        if not alive and not getattr(cls, "may_end", False):
            raise AssertionError(f"the server died during {cls.__name__}: {said[-2000:]}")

    def ask(self, model, body=None, **more):
        """Posts a chat for `mock/<model>`."""
        body = body if body is not None else tacet_process.chat(f"mock/{model}")
        return self.tacet.post(body, self.key, **more)

    def expect(self, answer, status, code=None):
        """The status, and OpenAI's error shape with the code and the request id."""
        self.assertEqual(answer.status, status, answer.body[:500])
        if code is None:
            return answer
        error = answer.json()["error"]
        codes = code if isinstance(code, (set, tuple, list)) else {code}
        self.assertIn(error["code"], codes, answer.body[:500])
        self.assertTrue(error["message"])
        self.assertTrue(error["type"])
        self.assertIn("param", error)
        return answer

    def eventually(self, check, within=30.0, message="it never came true"):
        end = time.monotonic() + within
        while True:
            value = check()
            if value:
                return value
            if time.monotonic() > end:
                self.fail(message)
            time.sleep(0.01)
