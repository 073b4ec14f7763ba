"""What is answered from memory: for one gateway key, until a restart, counted, and in no file (AX-5 to AX-8, AU-13)."""

import unittest

import canary
import outside_case
import scripted_upstream as up
import tacet_process


class Cache(outside_case.OutsideCase):
    def setUp(self):
        self.marks = canary.Marks()
        self.answer = self.marks.mark("answer")
        self.upstream.default = up.plain(up.completion(self.answer, model="m"))
        self.body = tacet_process.chat("mock/m", self.marks.mark("prompt"), temperature=0)

    def ask_as(self, key, headers=()):
        """(what the header says of the cache, how many calls the provider has had)."""
        answer = self.expect(self.tacet.post(self.body, key, headers=headers), 200)
        self.assertIn(self.answer.encode(), answer.body)
        return answer.header("x-tacet-cache"), len(self.upstream.asked)

    def test_a_repeat_is_answered_from_memory_alone(self):
        first, calls = self.ask_as(self.key)
        self.assertNotEqual(first, "hit")
        self.assertEqual(self.ask_as(self.key), ("hit", calls))
        hit = self.eventually(lambda: [one for one in self.tacet.receipts() if one["cache"] == "hit"])[0]
        self.assertEqual((hit["charge_nano_usd"], hit["provider_cost_nano_usd"]), (0, 0))
        other = self.tacet.key("another")["key"]
        self.assertEqual(self.ask_as(other)[1], calls + 1, "nobody else's answer")
        self.assertEqual(self.ask_as(self.key, [("x-tacet-cache", "off")])[1], calls + 2)
        self.assertEqual(self.tacet.stop(), 0)
        search = canary.Search([self.marks.word])
        search.folder(self.tacet.folder)
        self.assertGreater(search.bytes, 10_000)
        self.assertEqual(search.found, [])
        self.tacet.start()
        self.assertEqual(self.ask_as(self.key)[1], calls + 3, "a restart forgets")


if __name__ == "__main__":
    unittest.main()
