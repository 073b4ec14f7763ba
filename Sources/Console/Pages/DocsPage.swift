import Accounts

/// How to send a request, with this installation's address filled in.
enum DocsPage {
    static let routes: [Route] = [.get("/docs", .member(.readUsage, show))]

    private struct View {
        let snippets: [Snippets.One]
        let api: String
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let api = visit.desk.api()
        return visit.page(
            "docs", View(snippets: Snippets(api: api, key: "$TACET_KEY").all, api: api), title: "docs.title")
    }
}

/// The same first request in the words of every usual client.
struct Snippets {
    struct One {
        let id: String
        let name: String
        let text: String
    }

    let api: String
    let key: String

    var curl: String {
        """
        curl \(api)/v1/chat/completions \\
          -H "authorization: Bearer \(key)" -H "content-type: application/json" \\
          -d '{"model":"sandbox/echo","messages":[{"role":"user","content":"Hello"}]}'
        """
    }

    var all: [One] {
        [
            One(id: "curl", name: "curl", text: curl),
            One(
                id: "openai", name: "Python · openai",
                text: """
                    import os
                    from openai import OpenAI

                    client = OpenAI(base_url="\(api)/v1", api_key=os.environ["TACET_KEY"])
                    answer = client.chat.completions.create(
                        model="sandbox/echo", messages=[{"role": "user", "content": "Hello"}])
                    print(answer.choices[0].message.content)
                    """),
            One(
                id: "anthropic", name: "Python · anthropic",
                text: """
                    import os
                    from anthropic import Anthropic

                    client = Anthropic(base_url="\(api)", api_key=os.environ["TACET_KEY"])
                    answer = client.messages.create(
                        model="sandbox/echo", max_tokens=100, messages=[{"role": "user", "content": "Hello"}])
                    print(answer.content[0].text)
                    """),
            One(
                id: "google", name: "Python · google-genai",
                text: """
                    import os
                    from google import genai

                    client = genai.Client(api_key=os.environ["TACET_KEY"], http_options={"base_url": "\(api)"})
                    print(client.models.generate_content(model="sandbox/echo", contents="Hello").text)
                    """),
            One(
                id: "claude-code", name: "Claude Code",
                text: """
                    export ANTHROPIC_BASE_URL=\(api)
                    export ANTHROPIC_AUTH_TOKEN=$TACET_KEY
                    claude
                    """),
            One(
                id: "codex", name: "Codex",
                text: """
                    # ~/.codex/config.toml
                    model_provider = "tacet"
                    [model_providers.tacet]
                    name = "Tacet"
                    base_url = "\(api)/v1"
                    env_key = "TACET_KEY"
                    wire_api = "responses"
                    """),
            One(
                id: "langchain", name: "LangChain",
                text: """
                    import os
                    from langchain_openai import ChatOpenAI

                    model = ChatOpenAI(base_url="\(api)/v1", api_key=os.environ["TACET_KEY"], model="sandbox/echo")
                    print(model.invoke("Hello").content)
                    """),
        ]
    }
}
