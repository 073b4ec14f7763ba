"""The official openai, anthropic and google-genai clients: every feature, and every dialect's provider behind them."""

import json

import anthropic
import openai
from google import genai
from recordings import Job, same, same_tools

job = Job()
chat = openai.OpenAI(base_url=f"{job.url}/v1", api_key=job.key, max_retries=0, timeout=60)
sandbox = openai.OpenAI(base_url=f"{job.url}/v1", api_key=job.sandbox, max_retries=0, timeout=60)
messages = anthropic.Anthropic(base_url=job.url, api_key=job.key, max_retries=0, timeout=60)
gemini = genai.Client(api_key=job.key, http_options={"base_url": job.url, "timeout": 60_000})
HELLO = [{"role": "user", "content": "hi"}]
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}}
OPENAI, ANTHROPIC, GENAI = (
    f"{module.__name__.rsplit('.', 1)[-1]} {module.__version__}" for module in (openai, anthropic, genai)
)
APIS = {"oai": "openai-chat", "ant": "anthropic-messages", "rsp": "openai-responses", "gem": "gemini-generate"}


def model(provider, id):
    return f"{provider}/replay-{id}"


def tools(recorded):
    return sorted({name for name, _ in recorded["tools"]})


# openai


def chat_json(provider):
    id, recorded = job.pick(APIS[provider])
    same(chat.chat.completions.create(model=model(provider, id), messages=HELLO).choices[0].message.content, recorded)


def chat_stream(provider):
    id, recorded = job.pick(APIS[provider], True)
    text, usage = "", None
    for chunk in chat.chat.completions.create(
        model=model(provider, id), messages=HELLO, stream=True, stream_options={"include_usage": True}
    ):
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        usage = chunk.usage or usage
    same(text, recorded)
    if recorded["usage"] and (usage is None or (usage.prompt_tokens, usage.completion_tokens) != tuple(recorded["usage"])):
        raise AssertionError(f"usage {usage and (usage.prompt_tokens, usage.completion_tokens)}, {recorded['usage']}")


def chat_helper(provider):
    id, recorded = job.pick(APIS[provider], True, ["tool_call"], text=False)
    functions = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in tools(recorded)]
    with chat.chat.completions.stream(model=model(provider, id), messages=HELLO, tools=functions) as stream:
        for _ in stream:
            pass
        calls = stream.get_final_completion().choices[0].message.tool_calls or []
    same_tools([(call.function.name, json.loads(call.function.arguments or "{}")) for call in calls], recorded)


def responses_json(provider):
    id, recorded = job.pick(APIS[provider])
    same(chat.responses.create(model=model(provider, id), input="hi").output_text, recorded)


def responses_stream(provider):
    id, recorded = job.pick(APIS[provider], True)
    with chat.responses.stream(model=model(provider, id), input="hi") as stream:
        for _ in stream:
            pass
        same(stream.get_final_response().output_text, recorded)


def responses_tools(provider):
    id, recorded = job.pick(APIS[provider], True, ["tool_call"], text=False)
    functions = [{"type": "function", "name": name, "parameters": SCHEMA} for name in tools(recorded)]
    with chat.responses.stream(model=model(provider, id), input="hi", tools=functions) as stream:
        for _ in stream:
            pass
        output = stream.get_final_response().output
    calls = [item for item in output if item.type == "function_call"]
    same_tools([(call.name, json.loads(call.arguments or "{}")) for call in calls], recorded)


def an_error():
    id, _ = job.pick("openai-chat", text=None)
    try:
        chat.chat.completions.create(model=f"oai/replay-{id}+429", messages=HELLO)
    except openai.RateLimitError as error:
        return error
    raise AssertionError("a 429 was not raised as RateLimitError")


def sandbox_chat():
    answer = sandbox.chat.completions.create(model="sandbox/echo", messages=[{"role": "user", "content": "tacet"}])
    if "tacet" not in answer.choices[0].message.content:
        raise AssertionError("the sandbox does not echo")


def embeddings():
    id, _ = job.pick("embeddings", text=None, provider="openai")
    if not chat.embeddings.create(model=f"oai/replay-{id}", input="hi").data[0].embedding:
        raise AssertionError("no embedding")


def images():
    id, _ = job.pick("images", text=None, provider="openai")
    if not chat.images.generate(model=f"oai/replay-{id}", prompt="hi").data:
        raise AssertionError("no image")


def moderations():
    id, _ = job.pick("moderations", text=None)
    if not chat.moderations.create(model=f"oai/replay-{id}", input="hi").results:
        raise AssertionError("no result")


def audio():
    id, _ = job.pick("audio", text=None)
    chat.audio.transcriptions.create(model=f"oai/replay-{id}", file=("a.wav", b"RIFF0000WAVE"))


def realtime():
    heard = ""
    with chat.realtime.connect(model="rt/gpt-realtime") as connection:
        connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        connection.response.create()
        for event in connection:
            if event.type == "response.output_text.delta":
                heard += event.delta
            if event.type == "response.done":
                break
    if heard != "pong" or event.response.usage.output_tokens != 3:
        raise AssertionError(f"heard {heard!r}")


# anthropic


def messages_json(provider):
    id, recorded = job.pick(APIS[provider])
    answer = messages.messages.create(model=model(provider, id), max_tokens=64, messages=HELLO)
    same("".join(block.text for block in answer.content if block.type == "text"), recorded)


def messages_helper(provider):
    id, recorded = job.pick(APIS[provider], True)
    with messages.messages.stream(model=model(provider, id), max_tokens=64, messages=HELLO) as stream:
        same(stream.get_final_text(), recorded)


def messages_tools(provider):
    id, recorded = job.pick(APIS[provider], True, ["tool_call"], text=False)
    functions = [{"name": name, "input_schema": SCHEMA} for name in tools(recorded)]
    with messages.messages.stream(
        model=model(provider, id), max_tokens=64, messages=HELLO, tools=functions
    ) as stream:
        calls = [block for block in stream.get_final_message().content if block.type == "tool_use"]
    same_tools([(call.name, call.input) for call in calls], recorded)


def thinking():
    id, recorded = job.pick("anthropic-messages", True, ["thinking", "signature"])
    with messages.messages.stream(
        model=f"ant/replay-{id}", max_tokens=2048, messages=HELLO, thinking={"type": "enabled", "budget_tokens": 1024}
    ) as stream:
        blocks = stream.get_final_message().content
    if not any(block.type == "thinking" and block.signature for block in blocks):
        raise AssertionError("no signed thinking")
    same("".join(block.text for block in blocks if block.type == "text"), recorded)


def count_tokens():
    id, _ = job.pick("count-tokens", text=None)
    if messages.messages.count_tokens(model=f"ant/replay-{id}", messages=HELLO).input_tokens <= 0:
        raise AssertionError("no tokens")


# google-genai


def generate(provider):
    id, recorded = job.pick(APIS[provider])
    same(gemini.models.generate_content(model=model(provider, id), contents="hi").text, recorded)


def generate_stream(provider):
    id, recorded = job.pick(APIS[provider], True)
    chunks = gemini.models.generate_content_stream(model=model(provider, id), contents="hi")
    same("".join(chunk.text or "" for chunk in chunks), recorded)


def main():
    for provider in APIS:
        for feature, endpoint, action in [
            ("chat json", "chat", chat_json), ("chat stream", "chat", chat_stream),
            ("chat stream helper, tools", "chat", chat_helper), ("responses json", "responses", responses_json),
            ("responses stream helper", "responses", responses_stream),
            ("responses stream helper, tools", "responses", responses_tools),
        ]:  # fmt: skip
            job.row(OPENAI, feature, provider, endpoint, lambda: action(provider))
        for feature, action in [
            ("messages json", messages_json), ("stream helper", messages_helper),
            ("stream helper, tools", messages_tools),
        ]:  # fmt: skip
            job.row(ANTHROPIC, feature, provider, "messages", lambda: action(provider))
        for feature, action in [("generate", generate), ("stream", generate_stream)]:
            job.row(GENAI, feature, provider, "gemini", lambda: action(provider))
    job.row(OPENAI, "a rate limit", "oai", "chat", an_error)
    job.row(OPENAI, "chat json, sandbox", "", "chat", sandbox_chat)
    job.row(OPENAI, "embeddings", "oai", "embeddings", embeddings)
    job.row(OPENAI, "images", "oai", "images", images)
    job.row(OPENAI, "moderations", "oai", "moderations", moderations)
    job.row(OPENAI, "audio, multipart", "oai", "audio", audio)
    job.row(OPENAI, "realtime, WebSocket", "", "realtime", realtime)
    job.row(ANTHROPIC, "thinking, signed", "ant", "messages", thinking)
    job.row(ANTHROPIC, "count_tokens", "ant", "count_tokens", count_tokens)


main()
