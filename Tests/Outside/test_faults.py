"""Every fault between client and Tacet and between Tacet and its provider: an answer is whole and byte for byte what it
should be, or it says what went wrong; a fallback is taken as long as nothing was sent; nothing stays behind."""

import time

import http_client
import scripted_upstream as up
import tacet_process
from fault_proxy import FaultProxy, Faults
from outside_case import OutsideCase

MILD = [
    Faults(latency=0.05, jitter=0.1),
    Faults(bandwidth=20_000, slice=512),
    Faults(slice=1),
    Faults(slice=7, gap=0.001),
]
#: within the head, within the body
CUTS = [kind(at) for at in (0, 20, 300, 420) for kind in (
    lambda at: Faults(reset_after=at), lambda at: Faults(half_close_after=at), lambda at: Faults(limit=at)
)]


class BetweenTacetAndProvider(OutsideCase):
    limits = "upstream_first_byte: 1s, upstream_silence: 1s"
    extra = "models: { safe: [far/plain, mock/plain], flow: [far/stream, mock/stream] }"

    @classmethod
    def providers(cls):
        cls.far = FaultProxy(cls.upstream.port)
        cls.upstream.script("plain", up.plain(up.completion("whole")))
        cls.upstream.script("stream", up.stream(up.events(["one ", "two ", "three"], usage=(5, 3))))
        return {
            "mock": tacet_process.provider(cls.upstream),
            "far": tacet_process.provider(cls.far),
        }

    def setUp(self):
        self.far.calm()

    def streamed(self, model):
        return self.tacet.post(tacet_process.chat(model, stream=True), self.key)

    def test_mild_faults_change_nothing(self):
        whole = self.tacet.post(tacet_process.chat("far/plain"), self.key).body
        flowing = self.streamed("far/stream").body
        for faults in MILD:
            with self.subTest(faults=faults):
                self.far.up = self.far.down = faults
                self.assertEqual(self.tacet.post(tacet_process.chat("far/plain"), self.key).body, whole)
                self.assertEqual(self.streamed("far/stream").body, flowing)

    def test_a_plain_answer_that_is_cut_comes_from_the_next(self):
        for faults in [*CUTS, Faults(black_hole_after=0), Faults(black_hole_after=420)]:
            with self.subTest(faults=faults):
                self.far.down = faults
                answer = self.tacet.post(tacet_process.chat("safe"), self.key)
                self.assertEqual((answer.status, answer.json()["choices"][0]["message"]["content"]), (200, "whole"))

    def test_a_stream_is_whole_or_says_that_it_is_not(self):
        for faults in [*CUTS, Faults(reset_after=700), Faults(limit=700), Faults(black_hole_after=700)]:
            with self.subTest(faults=faults):
                self.far.down = faults
                answer = self.streamed("flow")
                self.assertEqual((answer.status, answer.ended), (200, "chunked"))
                text = answer.body.decode()
                if "three" in text:
                    self.assertEqual(text.count("one "), 1)
                    self.assertIn("[DONE]", text)
                else:
                    self.assertIn("error", text.rsplit("data: ", 2)[-2] + text.rsplit("data: ", 1)[-1])

    def test_a_dead_provider_is_left_alone(self):
        self.far.down = Faults(reset_after=0)
        for _ in range(8):
            self.assertEqual(self.tacet.post(tacet_process.chat("safe"), self.key).status, 200)
        made = self.far.connections
        for _ in range(20):
            self.assertEqual(self.tacet.post(tacet_process.chat("safe"), self.key).status, 200)
        self.assertLess(self.far.connections - made, 8, "the breaker did not open")

    def test_a_slow_provider_starves_nobody(self):
        self.far.down = Faults(latency=0.8)
        import threading

        slow = [threading.Thread(target=lambda: self.tacet.post(tacet_process.chat("far/plain"), self.key))
                for _ in range(64)]
        for thread in slow:
            thread.start()
        took = []
        for _ in range(50):
            start = time.monotonic()
            self.assertEqual(self.tacet.post(tacet_process.chat("mock/plain"), self.key).status, 200)
            took.append(time.monotonic() - start)
        for thread in slow:
            thread.join()
        self.assertLess(sorted(took)[len(took) // 2], 0.7)


class BetweenClientAndTacet(OutsideCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.near = FaultProxy(cls.tacet.api)
        cls.upstream.script("plain", up.plain(up.completion("whole")))
        cls.upstream.script("stream", up.stream(up.events(["one ", "two ", "three"]), gap=0.02))

    @classmethod
    def tearDownClass(cls):
        cls.near.stop()
        super().tearDownClass()

    def ask_through(self, model, **more):
        with http_client.Connection(self.near.port) as connection:
            return self.tacet.post(tacet_process.chat(model, **more), self.key, connection=connection)

    def test_mild_faults_change_nothing(self):
        whole = self.ask("plain").body
        for faults in MILD:
            with self.subTest(faults=faults):
                self.near.up = self.near.down = faults
                self.assertEqual(self.ask_through("mock/plain").body, whole)
                self.assertEqual(self.ask_through("mock/stream", stream=True).ended, "chunked")
        self.near.calm()

    def test_after_every_cut_nothing_stays(self):
        # Not `half_close_after`: a client that has said its last word still reads its answer.
        for faults in (Faults(reset_after=40), Faults(limit=200), Faults(reset_after=600), Faults(limit=600)):
            for direction in ("up", "down"):
                self.near.calm()
                setattr(self.near, direction, faults)
                try:
                    self.ask_through("mock/stream", stream=True)
                except (OSError, http_client.ConnectionEnded):
                    pass
        self.near.calm()
        self.eventually(lambda: self.in_flight() == 0, within=30, message="a request stayed in flight")

    def in_flight(self):
        with http_client.Connection(self.tacet.console) as connection:
            connection.send(http_client.request("GET", "/metrics"))
            lines = connection.read().body.decode().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("tacet_requests_in_flight "))
