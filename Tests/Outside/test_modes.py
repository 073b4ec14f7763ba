"""Compression and the cache by key, model and configuration, as somebody sees them from outside."""

import gzip
import hashlib
import json
import os
import pathlib
import unittest

import http_client
import scripted_upstream as up
import tacet_process
from outside_case import OutsideCase

ROWS = [{"order_id": f"W{n}", "price": {"amount": n, "currency": "EUR"}, "open": n % 2 == 0} for n in range(40)]
PRICE = "pricing: { unknown: { ceiling: { input: 10, output: 50 } } }"
#: lets keys, models and the configuration shorten prompts, and organisations share answers
LOOSE = "profile: aura\n"


def settings(text):
    return LOOSE + PRICE + "\n" + text


class CompressionModes(OutsideCase):
    price = None
    extra = settings("models: { fast: [mock/m] }\ndecisions: { models: { fast: { compression: lossless } } }")

    def sent(self, model, key, headers=()):
        """What the provider was sent of a tool's answer, and the receipt."""
        self.upstream.script("m", up.plain())
        before = len(self.upstream.received("m"))
        body = {"model": model, "messages": [
            {"role": "user", "content": "[ 1 ]"},
            {"role": "tool", "tool_call_id": "t", "content": json.dumps(ROWS, indent=2)}]}
        answer = self.expect(self.tacet.post(body, key, headers=headers), 200)
        content = self.upstream.received("m")[before].json["messages"][1]["content"]
        return content, self.tacet.receipt(answer.request_id)

    def test_header_then_key_then_model(self):
        key = self.tacet.key("plain")["key"]
        content, receipt = self.sent("mock/m", key)
        self.assertEqual((json.loads(content), receipt["tokens"]["before_compression"]), (ROWS, 0))
        content, receipt = self.sent("fast", key)
        self.assertTrue(content.startswith('{"$cols":'))
        self.assertLess(receipt["tokens"]["after_compression"], receipt["tokens"]["before_compression"])
        self.assertEqual(json.loads(self.sent("fast", key, [("x-tacet-compress", "off")])[0]), ROWS)
        made = self.tacet.key("small", "--compression", "strong")
        self.assertEqual(made["compression"], "strong")
        self.assertTrue(self.sent("mock/m", made["key"])[0].startswith('{"$cols":'))
        self.tacet.command("keys", "set", "small", "--compression", "off")
        self.eventually(lambda: json.loads(self.sent("fast", made["key"])[0]) == ROWS)
        self.tacet.command("keys", "set", "small", "--compression", "default")
        self.eventually(lambda: self.sent("fast", made["key"])[0].startswith('{"$cols":'))
        listed = [json.loads(line) for line in self.tacet.command("keys", "list", "--json").stdout.splitlines()]
        self.assertNotIn("compression", next(line for line in listed if line["name"] == "small"))

    def test_what_is_no_mode(self):
        refused = self.tacet.command("keys", "set", "nobody", "--compression", "zip", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.tacet.key("other")
        refused = self.tacet.command("keys", "set", "other", "--compression", "zip", check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn(b"allowed: `off`, `lossless`, `balanced`, `strong`, `default`", refused.stderr)
        self.assertEqual(self.tacet.command("keys", "set", "other", check=False).returncode, 2)


class Prefixes(OutsideCase):
    """A provider that keeps prefixes as Anthropic and OpenAI do, and agents that resend their originals."""

    price = None
    extra = settings("")

    def misses(self, sessions, key):
        """Messages that the provider had to read anew although it had read them in the turn before."""
        seen, missed = set(), 0
        for number, session in enumerate(sessions):
            for turn in range(1, len(session) + 1):
                messages = [{"role": "system", "content": f"Session {number}."}] + session[:turn]
                self.expect(self.tacet.post({"model": "mock/p", "messages": messages}, key), 200)
                digest, longest = hashlib.sha256(), 0
                for place, message in enumerate(self.upstream.asked[-1].json["messages"]):
                    digest.update(json.dumps(message).encode())
                    if digest.digest() in seen:
                        longest = place + 1
                    seen.add(digest.digest())
                missed += max(0, turn - longest) if turn > 1 else 0
        return missed

    def test_no_prefix_of_an_agents_session_changes(self):
        shared = os.environ.get("TACET_SHARED")
        if not shared:
            self.skipTest("TACET_SHARED names no recorded payloads")
        with gzip.open(pathlib.Path(shared, "compression", "payloads.json.gz")) as file:
            payloads = json.load(file)
        outputs = [text for name in sorted(payloads) for text in payloads[name][:60]]
        sessions = []
        for start in range(0, len(outputs), 12):
            session = []
            for number, text in enumerate(outputs[start : start + 12]):
                call = {"id": f"c{number}", "type": "function", "function": {"name": "look", "arguments": "{}"}}
                session += [{"role": "assistant", "content": None, "tool_calls": [call]},
                            {"role": "tool", "tool_call_id": f"c{number}", "content": text}]
            sessions.append(session)
        self.upstream.script("p", up.plain())
        for mode in ("lossless", "balanced", "strong"):
            key = self.tacet.key(mode, "--compression", mode)["key"]
            with self.upstream.lock:
                self.upstream.log.clear()
            self.assertEqual(self.misses(sessions, key), 0)
            sent = sum(len(item.body) for item in self.upstream.asked)
            whole = sum(len(json.dumps(session[: turn + 1])) for session in sessions for turn in range(len(session)))
            self.assertLess(sent, whole * 0.95)


class Guard(OutsideCase):
    """What leaves something out is compared with sessions that stay as they came, and ends when it does harm."""

    price = None
    extra = settings("compression: { control: 50% }")

    def test_compression_that_does_harm_is_switched_off(self):
        key = self.tacet.key("lossy", "--compression", "strong")["key"]
        output = "\n".join(f"line {number}" for number in range(900))
        self.upstream.script("g", up.plain())
        seen = {True: 0, False: 0}
        for number in range(700):
            body = {"model": "mock/g", "messages": [
                {"role": "user", "content": f"Read {number}."},
                {"role": "tool", "tool_call_id": "t", "content": output}]}
            answer = self.expect(self.tacet.post(body, key), 200)
            is_whole = self.upstream.received("g")[-1].json["messages"][1]["content"] == output
            word = "good" if is_whole else "bad"
            if self.tacet.post(b"", key, path=f"/v1/receipts/{answer.request_id}/{word}").status == 404:
                break
            seen[is_whole] += 1
        self.assertTrue(is_whole)
        self.assertGreaterEqual(min(seen.values()), 50)
        trial = json.loads(self.tacet.command("router", "trial", "--json").stdout)
        self.assertEqual((trial["kind"], trial["verdict"], trial["routed_good"]), ("compression", "stopped", 0))
        alert = json.loads(self.tacet.command("alerts", "list", "--json").stdout.splitlines()[0])
        self.assertEqual((alert["kind"], alert["text"]),
                         ("compression", "compression was switched off: 0 % of its requests turned out well, "
                                         "100 % of the control arm's."))
        self.assertEqual(self.tacet.receipt(answer.request_id)["tokens"]["before_compression"], 0)


class Refused(unittest.TestCase):
    def said(self, extra):
        tacet = tacet_process.Tacet({"mock": "{ dialect: openai, base_url: http://127.0.0.1:9/v1, key: none, price: free }"},
                                    extra=extra)
        self.addCleanup(tacet.remove)
        done = tacet.command("config", "check", check=False)
        self.assertEqual(done.returncode, 2, done.stdout)
        return done.stderr.decode() + done.stdout.decode()

    @unittest.skipIf(tacet_process.missing(), tacet_process.missing())
    def test_each_mistake_says_what_is_allowed(self):
        for extra, words in (
            ("decisions: { all: { compression: zip } }", ["decisions.all.compression is `zip`", "`lossless`"]),
            ("decisions: { all: { cash: on } }", ["`cash` is not known in decisions.all", "did you mean `cache`"]),
            ("decisions: { models: { 'a b': { cache: on } } }", ["names `a b`", "an alias of `models`"]),
            ("profile: strict\ndecisions: { all: { compression: lossless } }",
             ["compression is `lossless`", "profile `strict`", "x-tacet-compress", "`by_key`"]),
            ("profile: strict\ncache: { scope: organisation }", ["cache.scope is `organisation`", "`cache_scope: key`"]),
            ("cache: { ttl: 10 }", ["cache.ttl is `10`", "10s for seconds"]),
            ("cache: { hit_price: 120% }", ["cache.hit_price is `120%`", "from 0% to 100%"]),
            ("cache: { budget: 1 }", ["cache.budget is `1`"]),
        ):
            said = self.said(extra)
            for word in words:
                self.assertIn(word, said)


class Cache(OutsideCase):
    price = None
    extra = settings("cache: { scope: organisation, ttl: 4s, hit_price: 25% }")

    def look(self, text, key=None, headers=(), model="c", **more):
        self.upstream.script(model, up.plain(up.completion(id="chatcmpl-0123456789abcdef")))
        answer = self.expect(self.tacet.post(tacet_process.chat(f"mock/{model}", text, **more), key or self.key,
                                             headers=headers), 200)
        return answer

    def test_a_hit_costs_what_the_operator_takes_and_shows_the_rest(self):
        first = self.look("billed", temperature=0)
        again = self.look("billed", temperature=0)
        self.assertEqual(again.header("x-tacet-cache"), "hit")
        self.assertNotEqual(first.json()["id"], again.json()["id"])
        paid, hit = self.tacet.receipt(first.request_id), self.tacet.receipt(again.request_id)
        self.assertEqual((paid["cache"], hit["cache"]), ("miss", "hit"))
        self.assertEqual(hit["charge_nano_usd"], -(-paid["charge_nano_usd"] // 4))
        self.assertEqual(hit["saved_by"]["cache"], paid["charge_nano_usd"] - hit["charge_nano_usd"])
        self.assertEqual(hit["baseline_nano_usd"], paid["charge_nano_usd"])
        self.assertEqual(hit["provider_cost_nano_usd"], 0)

    def test_keys_of_one_organisation_share_and_answers_age(self):
        # A new key lets go of every answer, so it is made first.
        other = self.tacet.key("second")["key"]
        self.eventually(lambda: self.look("warm up", other).status == 200)
        self.look("shared words", temperature=0)
        self.assertEqual(self.look("shared words", other, temperature=0).header("x-tacet-cache"), "hit")
        self.eventually(lambda: self.look("shared words", temperature=0).header("x-tacet-cache") is None, within=30)

    def test_key_and_header_decide(self):
        wants = self.tacet.key("wants", "--cache", "on")["key"]
        self.look("warm", wants)
        self.assertEqual(self.look("warm", wants).header("x-tacet-cache"), "hit")
        self.assertIsNone(self.look("warm", wants, [("x-tacet-cache", "off")]).header("x-tacet-cache"))
        self.assertIsNone(self.look("warm", wants, [("Cache-Control", "no-store")]).header("x-tacet-cache"))
        self.assertIsNone(self.look("warm", wants, [("Cache-Control", "no-cache")]).header("x-tacet-cache"))
        never = self.tacet.key("never", "--cache", "off")["key"]
        self.look("zero", never, temperature=0)
        self.assertIsNone(self.look("zero", never, temperature=0).header("x-tacet-cache"))
        page = self.tacet_page("/metrics")
        for name in ("cache_requests_total{outcome=\"hit\"}", "cache_requests_total{outcome=\"miss\"}", "cache_bytes "):
            self.assertIn("tacet_" + name, page)

    def tacet_page(self, path):
        with http_client.Connection(self.tacet.console) as connection:
            connection.send(http_client.request("GET", path))
            return connection.read("GET").body.decode()


class Similar(OutsideCase):
    """Questions that mean the same, for keys that want it."""

    price = None
    extra = settings("cache: { sample: 0% }")

    def look(self, text, key, **more):
        self.upstream.script("s", up.plain(up.completion(id="chatcmpl-0123456789abcdef")))
        return self.expect(self.tacet.post(tacet_process.chat("mock/s", text, **more), key), 200)

    def test_one_question_in_other_words_of_courtesy(self):
        wants = self.tacet.key("similar", "--cache", "similar")["key"]
        exact = self.tacet.key("exact", "--cache", "on")["key"]
        self.eventually(lambda: self.look("warm up now", exact).status == 200)
        first = self.look("What is the capital of France?", wants)
        again = self.look("Please, what is the capital of France", wants)
        self.assertEqual(again.header("x-tacet-cache"), "similar")
        self.assertEqual(self.look("What is the capital of France?", wants).header("x-tacet-cache"), "hit")
        paid, hit = self.tacet.receipt(first.request_id), self.tacet.receipt(again.request_id)
        self.assertEqual((hit["cache"], hit["charge_nano_usd"]), ("similar", 0))
        self.assertEqual(hit["saved_by"]["cache"], paid["charge_nano_usd"])
        for other in ("What is the capital of Spain?", "What is not the capital of France?",
                      "What is the capital of france?", "What is the capital of France in 1940?"):
            self.assertIsNone(self.look(other, wants).header("x-tacet-cache"), other)
        self.look("What is the capital of France?", exact)
        self.assertIsNone(self.look("Please, what is the capital of France", exact).header("x-tacet-cache"))
        tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
        self.look("How high is the tower?", wants, tools=tools)
        self.assertIsNone(self.look("how high is the tower", wants, tools=tools).header("x-tacet-cache"))
        refused = tacet_process.Tacet({"mock": tacet_process.provider(self.upstream)},
                                      extra="decisions: { all: { cache: similar } }")
        self.addCleanup(refused.remove)
        self.assertEqual(refused.command("config", "check", check=False).returncode, 2)


class Sampled(OutsideCase):
    price = None
    extra = settings("cache: { sample: 100% }")

    def test_what_a_hit_would_have_got_wrong_is_counted(self):
        wants = self.tacet.key("sampled", "--cache", "similar")["key"]
        answers = iter(["It is Paris.", "It is Paris!", "Somewhere else, who knows."])

        def answer(peer, received):
            up.plain(up.completion(next(answers)))(peer, received)

        self.upstream.default = answer
        for text in ("Where is the tower?", "where is the tower", "Please, where is the tower?"):
            self.eventually(lambda: self.expect(
                self.tacet.post(tacet_process.chat("mock/q", text), wants), 200).header("x-tacet-cache") is None)
        with http_client.Connection(self.tacet.console) as connection:
            connection.send(http_client.request("GET", "/metrics"))
            page = connection.read("GET").body.decode()
        self.assertIn('tacet_cache_similar_samples_total{verdict="same"} 1', page)
        self.assertIn('tacet_cache_similar_samples_total{verdict="other"} 1', page)
