import Foundation

/// Digests of Responses answers, read by Foundation.
extension Digest {
    private mutating func take(_ response: [String: Any]) {
        for item in response["output"] as? [[String: Any]] ?? [] {
            switch item["type"] as? String {
            case "message":
                for part in item["content"] as? [[String: Any]] ?? [] {
                    text += part["text"] as? String ?? ""
                    refusal += part["refusal"] as? String ?? ""
                }
            case "function_call":
                tools.append([item["name"] as? String ?? "", Self.arguments(item["arguments"])])
            case "custom_tool_call":
                tools.append([item["name"] as? String ?? "", Self.arguments(item["input"])])
            case "reasoning":
                let parts = ["summary", "content"].flatMap { item[$0] as? [[String: Any]] ?? [] }
                thinking += parts.compactMap { $0["text"] as? String }.joined(separator: "\n\n")
            default: break
            }
        }
        let status = response["status"] as? String
        let reason = (response["incomplete_details"] as? [String: Any])?["reason"] as? String
        switch (status, reason) {
        case ("completed", _), ("complete", _): stop = tools.isEmpty ? "stop" : "tool"
        case ("incomplete", "max_output_tokens"): stop = "length"
        case ("incomplete", "content_filter"): stop = "filter"
        default: stop = status
        }
        if let report = response["usage"] as? [String: Any], !report.isEmpty {
            usage = ["input_tokens", "output_tokens"].map { (report[$0] as? NSNumber)?.int64Value ?? 0 }
        }
        text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static func responses(plain body: String) -> Digest {
        var digest = Digest()
        guard let root = object(body), root["output"] != nil, root["error"] is NSNull || root["error"] == nil else {
            digest.hasError = true
            return digest
        }
        digest.take(root)
        return digest
    }

    /// What the last event says; the deltas must have said the same.
    static func responses(stream body: String) -> Digest {
        var digest = Digest()
        var delta = ""
        var last: [String: Any]?
        for event in events(body) {
            guard let root = object(event) else { continue }
            switch root["type"] as? String {
            case "response.completed", "response.incomplete", "response.failed":
                last = root["response"] as? [String: Any] ?? [:]
            case "response.output_text.delta": delta += root["delta"] as? String ?? ""
            case "error": digest.hasError = true
            default: break
            }
        }
        guard let last else {
            digest.hasError = true
            return digest
        }
        digest.take(last)
        if delta.trimmingCharacters(in: .whitespacesAndNewlines) != digest.text { digest.hasError = true }
        return digest
    }
}
