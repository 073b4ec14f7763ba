/// What a column of a CSV file or a member of a JSON object means. The words are those of the layout table.
enum Field: UInt8, CaseIterable {
    case time = 0
    case end, model, provider, key, user, project, requests, session, requestID
    /// Tokens. `inputTotal` includes what was cached; `inputUncached` does not.
    case inputTotal, inputUncached, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, inputAudio, inputImage
    case inputWithWrite, output, outputAudio, outputImage, reasoning, totalTokens, searches, images, characters, seconds
    /// Money.
    case cost, costUSD, costCents, costNano, quota, currency, byok, price, amount, unit
    /// Kinds of rows and calls.
    case kind, tier, batch, context, geography, speed, service, sku, costType, credits, keyStatus
    /// How a call went.
    case status, success, cancelled, streamed, finish, latency, latencySeconds, firstByte
    /// What only hashes leave.
    case body, parameters, usageDetails, costDetails
    /// Log lines of agents.
    case message, sidechain, event, runningInput, runningCached, runningOutput, runningReasoning
    /// Rows within a row.
    case children

    static let count = allCases.count

    var word: StaticString {
        switch self {
        case .time: "time"
        case .end: "end"
        case .model: "model"
        case .provider: "provider"
        case .key: "key"
        case .user: "user"
        case .project: "project"
        case .requests: "requests"
        case .session: "session"
        case .requestID: "request"
        case .inputTotal: "input"
        case .inputUncached: "uncached"
        case .cacheRead: "cache_read"
        case .cacheWrite: "cache_write"
        case .cacheWrite5m: "cache_write_5m"
        case .cacheWrite1h: "cache_write_1h"
        case .inputAudio: "input_audio"
        case .inputImage: "input_image"
        case .inputWithWrite: "input_with_write"
        case .output: "output"
        case .outputAudio: "output_audio"
        case .outputImage: "output_image"
        case .reasoning: "reasoning"
        case .totalTokens: "total"
        case .searches: "searches"
        case .images: "images"
        case .characters: "characters"
        case .seconds: "seconds"
        case .cost: "cost"
        case .costUSD: "usd"
        case .costCents: "cents"
        case .costNano: "nano"
        case .quota: "quota"
        case .currency: "currency"
        case .byok: "byok"
        case .price: "price"
        case .amount: "amount"
        case .unit: "unit"
        case .kind: "kind"
        case .tier: "tier"
        case .batch: "batch"
        case .context: "context"
        case .geography: "geography"
        case .speed: "speed"
        case .service: "service"
        case .sku: "sku"
        case .costType: "cost_type"
        case .credits: "credits"
        case .keyStatus: "key_status"
        case .status: "status"
        case .success: "success"
        case .cancelled: "cancelled"
        case .streamed: "streamed"
        case .finish: "finish"
        case .latency: "latency"
        case .latencySeconds: "latency_s"
        case .firstByte: "first_byte"
        case .body: "body"
        case .parameters: "parameters"
        case .usageDetails: "usage_details"
        case .costDetails: "cost_details"
        case .message: "message"
        case .sidechain: "sidechain"
        case .event: "event"
        case .runningInput: "running_input"
        case .runningCached: "running_cached"
        case .runningOutput: "running_output"
        case .runningReasoning: "running_reasoning"
        case .children: "children"
        }
    }
}
