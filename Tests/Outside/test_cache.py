"""What is answered from memory: for one gateway key, until a restart, counted, and in no file (AX-5 to AX-8, AU-13)."""

import json
import socket
import time
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


class Pace(outside_case.OutsideCase):
    """A kept stream that comes again at the pace it came at."""
    extra = "cache: { pacing: recorded }"

    def timed(self, text):
        """(how long the answer took, the answer)."""
        body = tacet_process.chat("mock/m", text, temperature=0, stream=True)
        began = time.monotonic()
        answer = self.expect(self.tacet.post(body, self.key), 200)
        return time.monotonic() - began, answer

    def test_a_stream_comes_again_as_it_came(self):
        self.upstream.default = up.stream(up.events(["slow", "and", "steady"], usage=(3, 3)), gap=0.2)
        calls = len(self.upstream.asked)
        _, heard = self.timed("Say it slowly.")
        second, again = self.timed("Say it slowly.")
        self.assertEqual(again.header("x-tacet-cache"), "hit")
        self.assertEqual(again.body, heard.body)
        self.assertGreater(second, 0.6, "six pieces with pauses of a fifth of a second between them")
        self.assertEqual(len(self.upstream.asked), calls + 1)
        receipt = self.tacet.receipt(again.request_id)
        self.assertEqual((receipt["cache"], receipt["completion"]), ("hit", "complete"))

    def test_a_client_that_goes_ends_it(self):
        self.upstream.default = up.stream(up.events(["slow"] * 30, usage=(3, 30)), gap=0.1)
        self.timed("Say it for long.")
        body = json.dumps(tacet_process.chat("mock/m", "Say it for long.", temperature=0, stream=True)).encode()
        head = ("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                f"authorization: Bearer {self.key}\r\ncontent-length: {len(body)}\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.tacet.api)) as client:
            client.sendall(head.encode() + body)
            self.assertIn(b"200", client.recv(64))
        cut = self.eventually(lambda: [one for one in self.tacet.receipts() if one["completion"] == "cut"], within=20)
        self.assertEqual([(one["cache"], one["error"]) for one in cut], [("hit", "client_gone")])
        self.assertEqual(self.timed("Say it for long.")[1].header("x-tacet-cache"), "hit")


if __name__ == "__main__":
    unittest.main()
