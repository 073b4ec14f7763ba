"""Limits on what runs at the same time: a line that is short, fair between organisations, and ends in 429."""

import json
import threading
import time

import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase


def chat(model="mock/slow"):
    return tacet_process.chat(model)


class Crowd(OutsideCase):
    hold = 0.2
    extra = (
        "budgets: { provider/mock: { in_flight: 2 }, provider/small: { in_flight: 1 } }\n"
        "models: { spills: [small/slow, mock/slow], shares: [[small/slow, mock/slow]] }\n"
    )

    @classmethod
    def providers(cls):
        cls.upstream.script("slow", up.plain(up.completion("done"), before=cls.hold))
        cls.upstream.script("never", up.plain(up.completion("late"), before=60))
        provider = tacet_process.provider(cls.upstream)
        return {"mock": provider, "small": provider}

    def begin(self, body):
        """A request whose answer nobody reads yet."""
        connection = http_client.Connection(self.tacet.api)
        connection.send(http_client.request(
            "POST", "/v1/chat/completions",
            [("Content-Type", "application/json"), ("Authorization", f"Bearer {self.key}")],
            json.dumps(body).encode()))
        return connection

    def crowd(self, count, key, body=None, path="/v1/chat/completions"):
        """So many requests at once: threads, and a list that fills with (seconds, answer)."""
        done = []

        def one():
            began = time.monotonic()
            answer = self.tacet.post(body or chat(), key, path=path)
            done.append((time.monotonic() - began, answer))

        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        return threads, done


class Line(Crowd):
    limits = "queue: 40, queue_time: 30s"

    def test_a_provider_gets_no_more_than_its_limit(self):
        threads, done = self.crowd(8, self.key)
        for thread in threads:
            thread.join()
        self.assertEqual([answer.status for _, answer in done], [200] * 8)
        # Two at a time: four rounds.
        self.assertGreater(max(took for took, _ in done), 4 * self.hold - 0.05)

    def test_an_organisation_with_many_waiting_does_not_delay_another(self):
        other = self.tacet.key("theirs", "--organisation", "2")["key"]
        threads, done = self.crowd(42, self.key)
        self.eventually(lambda: len(done) >= 2)
        self.assertEqual(self.tacet.post(chat(), other).status, 200)
        ahead = len(done)
        for thread in threads:
            thread.join()
        self.assertLess(ahead, 30, f"the other organisation waited behind {ahead} of 42")
        self.assertEqual({answer.status for _, answer in done}, {200})

    def test_a_full_provider_spills_to_the_next(self):
        for alias in ("spills", "shares"):
            with self.subTest(alias):
                threads, done = self.crowd(3, self.key, chat(alias))
                for thread in threads:
                    thread.join()
                self.assertEqual(
                    sorted(answer.header("x-tacet-model") for _, answer in done),
                    ["mock/slow", "mock/slow", "small/slow"])
                self.assertLess(max(took for took, _ in done), 2 * self.hold + 1)

    def test_keys_and_organisations_wait_before_they_are_refused(self):
        one = self.tacet.key("one", "--in-flight", "1")["key"]
        self.waits(one)
        self.tacet.command("budgets", "limit", "organisation", "--in-flight", "1")
        time.sleep(1)
        self.waits(self.key)
        self.tacet.command("budgets", "limit", "organisation")

    def waits(self, key):
        threads, done = self.crowd(4, key)
        for thread in threads:
            thread.join()
        self.assertEqual([answer.status for _, answer in done], [200] * 4)
        self.assertGreater(max(took for took, _ in done), 4 * self.hold - 0.05)

    def test_who_leaves_the_line_leaves_nothing_behind(self):
        threads, done = self.crowd(2, self.key)
        leaving = [self.begin(chat()) for _ in range(10)]
        for connection in leaving:
            connection.close()
        for thread in threads:
            thread.join()
        threads, done = self.crowd(2, self.key)
        for thread in threads:
            thread.join()
        self.assertEqual([answer.status for _, answer in done], [200] * 2)
        self.eventually(lambda: b"\ntacet_requests_in_flight 0\n" in self.metrics(), within=10)

    def metrics(self):
        with http_client.Connection(self.tacet.console) as connection:
            connection.send(http_client.request("GET", "/metrics"))
            return connection.read().body


class Deadline(Crowd):
    limits = "queue: 6, queue_time: 3s"

    def setUp(self):
        self.stuck = [self.begin(chat("mock/never")) for _ in range(2)]
        self.eventually(lambda: len(self.upstream.received("never")) >= 2)

    def test_the_line_has_an_end_and_a_deadline(self):
        threads, done = self.crowd(10, self.key)
        for thread in threads:
            thread.join()
        self.assertEqual(len([took for took, _ in done if took > 2.5]), 6, [round(took, 1) for took, _ in done])
        for _, answer in done:
            self.expect(answer, 429, "too_many_in_flight")
            self.assertTrue(answer.header("retry-after"))
            self.assertIn("provider", answer.json()["error"]["message"])
        for path, body, kind in (
            ("/v1/messages", {"model": "mock/slow", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]},
             lambda said: said["error"]["type"] == "rate_limit_error"),
            ("/v1beta/models/mock/slow:generateContent", {"contents": [{"role": "user", "parts": [{"text": "x"}]}]},
             lambda said: said["error"]["status"] == "RESOURCE_EXHAUSTED"),
        ):
            answer = self.tacet.post(body, self.key, path=path)
            self.assertEqual(answer.status, 429)
            self.assertTrue(kind(answer.json()), answer.body)
            self.assertTrue(answer.header("retry-after"))
        for connection in self.stuck:
            connection.close()
        self.assertEqual(self.tacet.post(chat(), self.key).status, 200)
