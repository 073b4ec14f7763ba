"""LiteLLM's library as a client of Tacet, with each of the dialects it speaks."""

import json

import litellm
from recordings import Job, same, same_tools

litellm.suppress_debug_info = True
job = Job()
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}}
#: Its word for the dialect, the recordings, and the base address without the model.
DIALECTS = {
    "oai": ("openai", "openai-chat", "/v1"), "ant": ("anthropic", "anthropic-messages", ""),
    "gem": ("gemini", "gemini-generate", "/v1beta/models/"),
}  # fmt: skip


def ask(provider, id, **more):
    dialect, _, base = DIALECTS[provider]
    name = f"{provider}/replay-{id}"
    return litellm.completion(
        model=f"{dialect}/{name}", api_base=job.url + base + (name if provider == "gem" else ""), api_key=job.key,
        messages=[{"role": "user", "content": "hi"}], max_tokens=64, num_retries=0, **more,
    )  # fmt: skip


def plain(provider):
    id, recorded = job.pick(DIALECTS[provider][1])
    same(ask(provider, id).choices[0].message.content, recorded)


def stream(provider):
    id, recorded = job.pick(DIALECTS[provider][1], True)
    same("".join(chunk.choices[0].delta.content or "" for chunk in ask(provider, id, stream=True)), recorded)


def stream_tools(provider):
    id, recorded = job.pick(DIALECTS[provider][1], True, ["tool_call"], text=False)
    names = sorted({name for name, _ in recorded["tools"]})
    tools = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in names]
    whole = litellm.stream_chunk_builder(list(ask(provider, id, stream=True, tools=tools)))
    calls = whole.choices[0].message.tool_calls or []
    same_tools([(call.function.name, json.loads(call.function.arguments or "{}")) for call in calls], recorded)


def responses():
    id, recorded = job.pick("openai-responses")
    answer = litellm.responses(
        model=f"openai/rsp/replay-{id}", api_base=f"{job.url}/v1", api_key=job.key, input="hi", num_retries=0
    )
    text = [part.text for item in answer.output if item.type == "message" for part in item.content]
    same("".join(text), recorded)


for provider, (dialect, _, _) in DIALECTS.items():
    endpoint = {"oai": "chat", "ant": "messages", "gem": "gemini"}[provider]
    for feature, action in [("completion", plain), ("stream", stream), ("stream, tools", stream_tools)]:
        job.row(f"litellm {dialect}/", feature, provider, endpoint, lambda: action(provider))
job.row("litellm openai/", "responses", "rsp", "responses", responses)
