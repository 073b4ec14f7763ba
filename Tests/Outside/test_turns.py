"""A model thinks, calls a tool and gets its result, for every client in front of every provider that signs its thoughts: what
it signed comes back to it byte for byte, plain and streamed."""

import json

import scripted_upstream as up
from test_dialects import DialectCase, named, sse

#: What a signature may be made of, and what JSON writers like to spell in another way.
SIGNATURE = "EqQBCkgIBxABGAIqQ/+aZ09==" * 40
#: OpenAI's are Fernet tokens: by their first letters they are known among others.
ENCRYPTED = "gAAAAABo" + "aZ-09_Qk" * 100 + "=="
CALL = {"city": "Zürich / \"ZRH\""}
USAGE = {"input_tokens": 5, "output_tokens": 2}


def message():
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "tool_use", "usage": USAGE,
            "content": [{"type": "thinking", "thinking": "hm", "signature": SIGNATURE},
                        {"type": "redacted_thinking", "data": SIGNATURE},
                        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": CALL}]}  # fmt: skip


def message_events():
    whole = message()
    yield {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}}
    deltas = [
        [{"type": "thinking_delta", "thinking": "h"}, {"type": "thinking_delta", "thinking": "m"},
         {"type": "signature_delta", "signature": SIGNATURE}], [],
        [{"type": "input_json_delta", "partial_json": piece} for piece in ("", json.dumps(CALL)[:9], json.dumps(CALL)[9:])],
    ]  # fmt: skip
    empty = [{"thinking": "", "signature": ""}, {}, {"input": {}}]
    for index, block in enumerate(whole["content"]):
        yield {"type": "content_block_start", "index": index, "content_block": {**block, **empty[index]}}
        for delta in deltas[index]:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 2}}
    yield {"type": "message_stop"}


def response():
    return {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m",
            "usage": {**USAGE, "total_tokens": 7}, "output": [
                {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}],
                 "encrypted_content": ENCRYPTED},
                {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "status": "completed",
                 "arguments": json.dumps(CALL)}]}  # fmt: skip


def response_events():
    whole = response()
    told = [{"type": "response.created", "response": {**whole, "output": [], "status": "in_progress", "usage": None}}]
    for index, item in enumerate(whole["output"]):
        bare = {**item, "summary": [], "encrypted_content": ""} if index == 0 else {**item, "arguments": ""}
        told.append({"type": "response.output_item.added", "output_index": index, "item": bare})
        told.append({"type": "response.output_item.done", "output_index": index, "item": item})
    told.append({"type": "response.completed", "response": whole})
    return [{**event, "sequence_number": number} for number, event in enumerate(told)]


def gemini():
    parts = [{"text": "hm", "thought": True}, {"functionCall": {"name": "f", "args": CALL}, "thoughtSignature": SIGNATURE}]
    return {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2}, "modelVersion": "g"}  # fmt: skip


class Turns(DialectCase):
    MODELS = {"ant": "claude-sonnet-4-5", "rsp": "gpt-5", "gem": "gemini-3-pro-preview"}

    def answer(self, provider, streams):
        whole = {"ant": message, "rsp": response, "gem": gemini}[provider]()
        if not streams:
            return up.plain(json.dumps(whole).encode())
        events = {"ant": lambda: named(*message_events()), "rsp": lambda: named(*response_events()),
                  "gem": lambda: sse(whole)}  # fmt: skip
        return up.stream(events[provider]())

    def say(self, client, model, turns, streams):
        """One request of a client's with a tool and thinking: its answer's own turn, to be sent back."""
        schema = {"type": "object", "properties": {"city": {"type": "string"}}}
        path, body = {
            "oai": lambda: ("/v1/chat/completions", {
                "messages": turns, "reasoning_effort": "high",
                "tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}]}),
            "ant": lambda: ("/v1/messages", {
                "messages": turns, "max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 2000},
                "tools": [{"name": "f", "input_schema": schema}]}),
            "rsp": lambda: ("/v1/responses", {
                "input": turns, "reasoning": {"effort": "high"}, "include": ["reasoning.encrypted_content"],
                "tools": [{"type": "function", "name": "f", "parameters": schema}]}),
            "gem": lambda: (f"/v1beta/models/{model}:{'streamGenerateContent?alt=sse' if streams else 'generateContent'}", {
                "contents": turns, "generationConfig": {"thinkingConfig": {"includeThoughts": True}},
                "tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}]}),
        }[client]()  # fmt: skip
        if client != "gem":
            body |= {"model": model, "stream": streams}
        answer = self.post(path, body)
        self.assertEqual(answer.status, 200, answer.body)
        return self.turn(client, self.events(answer) if streams else answer.json(), streams)

    @staticmethod
    def turn(client, told, streams):
        """The model's turn as a client of the dialect keeps it."""
        if client == "gem":
            chunks = told if streams else [told]
            parts = [part for chunk in chunks for choice in chunk.get("candidates", ())
                     for part in choice.get("content", {}).get("parts", ())]
            return [{"role": "model", "parts": parts}]
        if client == "rsp":
            return (told[-1]["response"] if streams else told)["output"]
        if client == "ant":
            return [{"role": "assistant", "content": blocks(told) if streams else told["content"]}]
        return [message_of(told) if streams else told["choices"][0]["message"]]

    @staticmethod
    def result(client, turn):
        """What the tool says, for the call in the model's turn."""
        if client == "oai":
            return [{"role": "tool", "tool_call_id": turn[0]["tool_calls"][0]["id"], "content": "sunny"}]
        if client == "ant":
            call = next(block for block in turn[0]["content"] if block["type"] == "tool_use")
            return [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": "sunny"}]}]
        if client == "rsp":
            call = next(item for item in turn if item["type"] == "function_call")
            return [{"type": "function_call_output", "call_id": call["call_id"], "output": "sunny"}]
        return [{"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "sunny"}}}]}]

    def signed(self, provider):
        """What the provider got back of what it signed, and of the call."""
        sent = self.last().json
        if provider == "ant":
            content = sent["messages"][1]["content"]
            return [block for block in content if block["type"] in ("thinking", "redacted_thinking")], content[-1]["input"]
        if provider == "rsp":
            reasoning = [item["encrypted_content"] for item in sent["input"] if item.get("type") == "reasoning"]
            call = next(item for item in sent["input"] if item.get("type") == "function_call")
            return reasoning, json.loads(call["arguments"])
        parts = [part for part in sent["contents"][1]["parts"] if "functionCall" in part]
        return [part.get("thoughtSignature") for part in parts], parts[0]["functionCall"]["args"]

    WANTED = {"ant": message()["content"][:2], "rsp": [ENCRYPTED], "gem": [SIGNATURE]}

    def test_what_was_signed_comes_back(self):
        for provider, name in self.MODELS.items():
            for client in ("oai", "ant", "rsp", "gem"):
                for streams in (False, True):
                    with self.subTest(client=client, provider=provider, streams=streams):
                        first = [{"role": "user", "content": "hi"}]
                        if client == "gem":
                            first = [{"role": "user", "parts": [{"text": "hi"}]}]
                        self.upstream.default = self.answer(provider, streams)
                        turn = self.say(client, f"{provider}/{name}", first, streams)
                        later = first + turn + self.result(client, turn)
                        self.say(client, f"{provider}/{name}", later, streams)
                        signed, call = self.signed(provider)
                        self.assertEqual(signed, self.WANTED[provider])
                        self.assertEqual(call, CALL)


def blocks(events):
    """The content of a streamed message."""
    out = []
    for event in events:
        if event["type"] == "content_block_start":
            out.append(dict(event["content_block"]))
        elif event["type"] == "content_block_delta":
            delta = dict(event["delta"])
            kind = delta.pop("type")
            for name, text in delta.items():
                name = "json" if kind == "input_json_delta" else name
                out[-1][name] = out[-1].get(name, "") + text
    for block in out:
        if "json" in block:
            block["input"] = json.loads(block.pop("json") or "{}")
    return out


def message_of(chunks):
    """The message of a streamed chat, thoughts' details joined by their index as OpenRouter's clients do."""
    whole = {"role": "assistant", "content": None, "tool_calls": [], "reasoning_details": []}
    for delta in (choice["delta"] for chunk in chunks for choice in chunk["choices"]):
        for detail in delta.get("reasoning_details") or ():
            known = next((one for one in whole["reasoning_details"] if one.get("index") == detail.get("index")), None)
            if known is None:
                whole["reasoning_details"].append(dict(detail))
                continue
            for name in ("text", "signature", "data", "summary"):
                if detail.get(name):
                    known[name] = (known.get(name) or "") + detail[name]
        for call in delta.get("tool_calls") or ():
            if call["index"] == len(whole["tool_calls"]):
                whole["tool_calls"].append({**call, "function": dict(call["function"])})
            else:
                whole["tool_calls"][call["index"]]["function"]["arguments"] += call["function"]["arguments"]
    return whole
