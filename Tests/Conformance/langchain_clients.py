"""LangChain's clients for OpenAI, Anthropic and Google, each on its own dialect."""

from langchain_anthropic import ChatAnthropic
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from recordings import Job, same, same_tools

job = Job()
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}}
APIS = {"oai": "openai-chat", "ant": "anthropic-messages", "rsp": "openai-responses", "gem": "gemini-generate"}


def client(provider, id):
    name = f"{provider}/replay-{id}"
    if provider == "ant":
        return ChatAnthropic(model=name, base_url=job.url, api_key=job.key, max_retries=0, max_tokens=64)
    if provider == "gem":
        return ChatGoogleGenerativeAI(
            model=name, google_api_key=job.key, base_url=job.url, max_retries=1, transport="rest"
        )
    return ChatOpenAI(
        model=name, base_url=f"{job.url}/v1", api_key=job.key, max_retries=0, use_responses_api=provider == "rsp"
    )


def text(message):
    content = message.content
    if isinstance(content, str):
        return content
    return "".join(part if isinstance(part, str) else part.get("text", "") for part in content)


def invoke(provider):
    id, recorded = job.pick(APIS[provider])
    same(text(client(provider, id).invoke("hi")), recorded)


def stream(provider):
    id, recorded = job.pick(APIS[provider], True)
    same("".join(text(chunk) for chunk in client(provider, id).stream("hi")), recorded)


def stream_tools(provider):
    id, recorded = job.pick(APIS[provider], True, ["tool_call"], text=False)
    names = sorted({name for name, _ in recorded["tools"]})
    functions = [{"title": name, "description": name, **SCHEMA} for name in names]
    whole = None
    for chunk in client(provider, id).bind_tools(functions).stream("hi"):
        whole = chunk if whole is None else whole + chunk
    same_tools([(call["name"], call["args"]) for call in whole.tool_calls], recorded)


def embeddings():
    id, _ = job.pick("embeddings", text=None, provider="openai")
    made = OpenAIEmbeddings(
        model=f"oai/replay-{id}", base_url=f"{job.url}/v1", api_key=job.key, check_embedding_ctx_length=False
    )
    if not made.embed_query("hi"):
        raise AssertionError("no embedding")


for provider, name, endpoint in [
    ("oai", "langchain-openai", "chat"), ("rsp", "langchain-openai responses", "responses"),
    ("ant", "langchain-anthropic", "messages"), ("gem", "langchain-google-genai", "gemini"),
]:  # fmt: skip
    job.row(name, "invoke", provider, endpoint, lambda: invoke(provider))
    job.row(name, "stream", provider, endpoint, lambda: stream(provider))
    job.row(name, "stream, tools", provider, endpoint, lambda: stream_tools(provider))
job.row("langchain-openai", "embeddings", "oai", "embeddings", embeddings)
