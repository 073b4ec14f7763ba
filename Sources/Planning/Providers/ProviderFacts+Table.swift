import Vocabulary

extension ProviderFacts {
    /// Members of OpenAI's that only its own console and caches look at.
    private static let bookkeeping = [
        "user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
    ]

    public static let table: [ProviderFacts] = [
        ProviderFacts(
            "openai", "OpenAI", "https://api.openai.com/v1", .bearer, [.openAI, .openAIResponses],
            key: ["OPENAI_API_KEY"], quirks: [.maxCompletionTokens],
            docs: "https://platform.openai.com/docs/api-reference/chat/create"),
        ProviderFacts(
            "azure", "Azure OpenAI", "", .azure, [.openAI, .openAIResponses], key: ["AZURE_OPENAI_API_KEY"],
            quirks: [.maxCompletionTokens],
            docs: "https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle"),
        ProviderFacts(
            "anthropic", "Anthropic", "https://api.anthropic.com", .header("x-api-key"), [.anthropic],
            key: ["ANTHROPIC_API_KEY"], docs: "https://docs.claude.com/en/api/messages"),
        ProviderFacts(
            "gemini", "Gemini", "https://generativelanguage.googleapis.com", .header("x-goog-api-key"), [.gemini],
            key: ["GEMINI_API_KEY", "GOOGLE_API_KEY"], docs: "https://ai.google.dev/api/generate-content"),
        ProviderFacts(
            "vertex", "Vertex AI", "", .google, [.gemini, .anthropic], key: ["GOOGLE_APPLICATION_CREDENTIALS"],
            shelf: "vertex_ai", docs: "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference"),
        ProviderFacts(
            "bedrock", "Amazon Bedrock", "", .aws, [.anthropic],
            key: ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"],
            docs: "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html"),
        ProviderFacts(
            "mistral", "Mistral", "https://api.mistral.ai/v1", key: ["MISTRAL_API_KEY"],
            quirks: [.onlyMaxTokens, .noStreamOptions, .noDeveloperRole, .randomSeed],
            refused: bookkeeping.filter { $0 != "prompt_cache_key" && $0 != "metadata" } + ["verbosity", "modalities"],
            docs: "https://docs.mistral.ai/api"),
        ProviderFacts(
            "groq", "Groq", "https://api.groq.com/openai/v1", .bearer, [.openAI, .openAIResponses],
            key: ["GROQ_API_KEY"], quirks: [.maxCompletionTokens], docs: "https://console.groq.com/docs/openai"),
        ProviderFacts(
            "deepseek", "DeepSeek", "https://api.deepseek.com", key: ["DEEPSEEK_API_KEY"],
            quirks: [.onlyMaxTokens, .noDeveloperRole, .reasoningContent],
            docs: "https://api-docs.deepseek.com/api/create-chat-completion"),
        ProviderFacts(
            "xai", "xAI", "https://api.x.ai/v1", .bearer, [.openAI, .openAIResponses], key: ["XAI_API_KEY"],
            quirks: [.maxCompletionTokens], docs: "https://docs.x.ai/docs/api-reference"),
        ProviderFacts(
            "together", "Together", "https://api.together.xyz/v1", key: ["TOGETHER_API_KEY"],
            quirks: [.onlyMaxTokens, .noDeveloperRole, .extendedSampling],
            docs: "https://docs.together.ai/reference/chat-completions-1"),
        ProviderFacts(
            "fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1", key: ["FIREWORKS_API_KEY"],
            quirks: [.extendedSampling], docs: "https://docs.fireworks.ai/tools-sdks/openai-compatibility"),
        ProviderFacts(
            "openrouter", "OpenRouter", "https://openrouter.ai/api/v1", key: ["OPENROUTER_API_KEY"],
            quirks: [.extendedSampling, .cacheControl, .reasoningDetails],
            docs: "https://openrouter.ai/docs/api/reference/streaming"),
        ProviderFacts(
            "cerebras", "Cerebras", "https://api.cerebras.ai/v1", key: ["CEREBRAS_API_KEY"],
            quirks: [.maxCompletionTokens, .noDeveloperRole],
            docs: "https://inference-docs.cerebras.ai/resources/openai"),
        ProviderFacts(
            "cohere", "Cohere", "https://api.cohere.ai/compatibility/v1", key: ["CO_API_KEY", "COHERE_API_KEY"],
            quirks: [.onlyMaxTokens, .noStreamOptions], docs: "https://docs.cohere.com/docs/compatibility-api"),
        ProviderFacts(
            "ollama", "Ollama", "http://127.0.0.1:11434/v1", key: [], quirks: [.onlyMaxTokens, .noDeveloperRole],
            isLocal: true, docs: "https://docs.ollama.com/api/openai-compatibility"),
        ProviderFacts(
            "vllm", "vLLM", "http://127.0.0.1:8000/v1", key: ["VLLM_API_KEY"],
            quirks: [.extendedSampling], isLocal: true,
            docs: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"),
        ProviderFacts(
            "llamacpp", "llama.cpp", "http://127.0.0.1:8080/v1", key: ["LLAMA_API_KEY"],
            quirks: [.extendedSampling, .noDeveloperRole], isLocal: true,
            docs: "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md"),
        ProviderFacts(
            "lmstudio", "LM Studio", "http://127.0.0.1:1234/v1", key: [],
            quirks: [.onlyMaxTokens, .extendedSampling, .noDeveloperRole], isLocal: true,
            docs: "https://lmstudio.ai/docs/developer/openai-compat"),
    ]
}
