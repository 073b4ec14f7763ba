import Foundation

/// What an answer says, in no dialect, read by Foundation and by nothing of ours: text, calls, why it stopped, usage.
struct Digest: Equatable {
    var text = ""
    var tools: [[String]] = []
    var stop: String?
    var usage: [Int64]?
    var thinking = ""
    var refusal = ""
    var hasError = false

    private static let stops: [String: String] = [
        "stop": "stop", "end_turn": "stop", "stop_sequence": "stop", "tool_calls": "tool", "function_call": "tool",
        "tool_use": "tool", "length": "length", "max_tokens": "length", "content_filter": "filter", "refusal": "filter",
        "pause_turn": "pause", "model_context_window_exceeded": "length",
    ]

    private mutating func finish() {
        stop = stop.map { Self.stops[$0] ?? $0 }
        if !tools.isEmpty, stop == "stop" { stop = "tool" }
        text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static func object(_ text: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
    }

    /// Arguments in one spelling, whatever they were.
    static func arguments(_ value: Any?) -> String {
        guard let value, !(value is NSNull) else { return "{}" }
        var json = value
        if let text = value as? String {
            if text.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty { return "{}" }
            guard
                let read = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            else { return "RAW:" + text }
            json = read
        }
        let data = try? JSONSerialization.data(withJSONObject: json, options: [.sortedKeys, .fragmentsAllowed])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    /// The data of each event.
    static func events(_ text: String) -> [String] {
        let plain = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return plain.split(separator: "\n\n").compactMap { event in
            let lines = event.split(separator: "\n").filter { $0.hasPrefix("data:") }
            guard !lines.isEmpty else { return nil }
            return lines.map { line in
                let value = line.dropFirst(5)
                return String(value.hasPrefix(" ") ? value.dropFirst() : value)
            }.joined(separator: "\n")
        }
    }

    private static func text(_ content: Any?) -> String {
        if let text = content as? String { return text }
        return (content as? [[String: Any]])?.compactMap { $0["text"] as? String }.joined() ?? ""
    }

    private static func counts(_ usage: Any?, _ input: [String], _ output: String) -> [Int64]? {
        guard let usage = usage as? [String: Any], !usage.isEmpty else { return nil }
        func count(_ name: String) -> Int64 { (usage[name] as? NSNumber)?.int64Value ?? 0 }
        return [input.reduce(0) { $0 + count($1) }, count(output)]
    }

    private mutating func think(_ message: [String: Any]) {
        var thought = message["reasoning_content"] as? String ?? ""
        if thought.isEmpty { thought = message["reasoning"] as? String ?? "" }
        if thought.isEmpty {
            let details = message["reasoning_details"] as? [[String: Any]] ?? []
            thought = details.map { $0["text"] as? String ?? $0["summary"] as? String ?? "" }.joined()
        }
        thinking += thought
        for part in message["content"] as? [[String: Any]] ?? [] { thinking += Self.text(part["thinking"]) }
    }

    static func chat(plain body: String) -> Digest {
        var digest = Digest()
        guard let root = object(body), let choice = (root["choices"] as? [[String: Any]])?.first else {
            digest.hasError = true
            return digest
        }
        let message = choice["message"] as? [String: Any] ?? [:]
        digest.text = text(message["content"])
        digest.refusal = message["refusal"] as? String ?? ""
        digest.think(message)
        for call in message["tool_calls"] as? [[String: Any]] ?? [] {
            let function = call["function"] as? [String: Any] ?? call["custom"] as? [String: Any] ?? [:]
            digest.tools.append([
                function["name"] as? String ?? "", arguments(function["arguments"] ?? function["input"]),
            ])
        }
        if let call = message["function_call"] as? [String: Any] {
            digest.tools.append([call["name"] as? String ?? "", arguments(call["arguments"])])
        }
        digest.stop = choice["finish_reason"] as? String
        digest.usage = counts(root["usage"], ["prompt_tokens"], "completion_tokens")
        digest.finish()
        return digest
    }

    static func chat(stream body: String) -> Digest {
        var digest = Digest()
        var calls: [Int: (name: String, arguments: String)] = [:]
        for event in events(body) where !event.contains("[DONE]") {
            guard let root = object(event) else { continue }
            let choices = root["choices"] as? [[String: Any]] ?? []
            if root["error"] is [String: Any], choices.isEmpty { digest.hasError = true }
            digest.usage = counts(root["usage"], ["prompt_tokens"], "completion_tokens") ?? digest.usage
            for choice in choices where (choice["index"] as? Int ?? 0) == 0 {
                let delta = choice["delta"] as? [String: Any] ?? [:]
                digest.text += text(delta["content"])
                digest.refusal += delta["refusal"] as? String ?? ""
                digest.think(delta)
                for (position, call) in (delta["tool_calls"] as? [[String: Any]] ?? []).enumerated() {
                    let index = call["index"] as? Int ?? position
                    let function = call["function"] as? [String: Any] ?? [:]
                    let name = function["name"] as? String ?? ""
                    if calls[index]?.name != name { calls[index, default: ("", "")].name += name }
                    if let text = function["arguments"] as? String {
                        calls[index, default: ("", "")].arguments += text
                    } else if let value = function["arguments"], !(value is NSNull) {
                        calls[index, default: ("", "")].arguments += arguments(value)
                    }
                }
                if let call = delta["function_call"] as? [String: Any] {
                    calls[-1, default: ("", "")].name += call["name"] as? String ?? ""
                    calls[-1, default: ("", "")].arguments += call["arguments"] as? String ?? ""
                }
                if let reason = choice["finish_reason"] as? String, !reason.isEmpty { digest.stop = reason }
            }
        }
        digest.tools = calls.sorted { $0.key < $1.key }.map { [$0.value.name, arguments($0.value.arguments)] }
        digest.finish()
        return digest
    }

    private static let inputs = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]

    private mutating func block(_ block: [String: Any], json: String = "") {
        switch block["type"] as? String {
        case "text": text += block["text"] as? String ?? ""
        case "thinking": thinking += block["thinking"] as? String ?? ""
        case "tool_use":
            let input: Any? = json.isEmpty ? block["input"] : json
            tools.append([block["name"] as? String ?? "", Self.arguments(input)])
        default: break
        }
    }

    static func messages(plain body: String) -> Digest {
        var digest = Digest()
        guard let root = object(body), let content = root["content"] as? [[String: Any]] else {
            digest.hasError = true
            return digest
        }
        for block in content { digest.block(block) }
        digest.stop = root["stop_reason"] as? String
        digest.usage = counts(root["usage"], inputs, "output_tokens")
        digest.finish()
        return digest
    }

    static func messages(stream body: String) -> Digest {
        var digest = Digest()
        var blocks: [Int: (block: [String: Any], json: String)] = [:]
        var usage: [String: Any] = [:]
        func merge(_ report: Any?) {
            for (name, value) in report as? [String: Any] ?? [:] where !(value is NSNull) { usage[name] = value }
        }
        for event in events(body) {
            guard let root = object(event) else { continue }
            let index = root["index"] as? Int ?? 0
            switch root["type"] as? String {
            case "message_start": merge((root["message"] as? [String: Any])?["usage"])
            case "content_block_start": blocks[index] = (root["content_block"] as? [String: Any] ?? [:], "")
            case "content_block_delta":
                let delta = root["delta"] as? [String: Any] ?? [:]
                var entry = blocks[index] ?? (["type": "text"], "")
                for name in ["text", "thinking"] {
                    guard let text = delta[name] as? String else { continue }
                    entry.block[name] = (entry.block[name] as? String ?? "") + text
                }
                entry.json += delta["partial_json"] as? String ?? ""
                blocks[index] = entry
            case "message_delta":
                digest.stop = (root["delta"] as? [String: Any])?["stop_reason"] as? String ?? digest.stop
                merge(root["usage"])
            case "error": digest.hasError = true
            default: break
            }
        }
        for (_, entry) in blocks.sorted(by: { $0.key < $1.key }) { digest.block(entry.block, json: entry.json) }
        digest.usage = counts(usage, inputs, "output_tokens")
        digest.finish()
        return digest
    }
}
