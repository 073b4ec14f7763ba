import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Every recorded request of chat and messages, to the other dialect and back: what was said and called is still there, or
/// is among the losses.
@Suite struct RecordedRequestsTests {
    /// Texts and calls in order, as the form has them.
    private static func said(_ conversation: Conversation) -> [String] {
        var out: [String] = []
        func take(_ block: Block) {
            switch block.kind {
            case .text(let text), .refusal(let text):
                if !text.isEmpty { out.append(String(decoding: text.unescaped, as: UTF8.self)) }
            case .toolCall(let call):
                out.append(
                    String(decoding: call.name.unescaped, as: UTF8.self)
                        + Digest.arguments(String(decoding: call.arguments.encoded.unescaped, as: UTF8.self)))
            case .toolResult(let result): for inner in result.content { take(inner) }
            case .media(let media): out.append("media \(media.kind)")
            case .thinking, .foreign: break
            }
        }
        for turn in conversation.turns where turn.role == .system || turn.role == .developer {
            turn.blocks.forEach(take)
        }
        for turn in conversation.turns where turn.role == .user || turn.role == .assistant { turn.blocks.forEach(take) }
        for tool in conversation.tools {
            if case .function(let function) = tool.kind {
                out.append(String(decoding: function.name.unescaped, as: UTF8.self))
            }
        }
        return out
    }

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"), arguments: RecordedAnswersTests.Form.allCases)
    func comesBack(form: RecordedAnswersTests.Form) throws {
        var count = 0
        var lossless = 0
        var same = 0
        for body in try Self.requests(form, try #require(sharedFolder)) {
            let buffer = ByteBuffer(bytes: body)
            let there =
                form == .chat ? try ChatConversationReader.read(buffer) : try MessagesRequestReader.read(buffer)
            var out = ByteBuffer()
            let losses =
                there.losses
                + (form == .chat
                    ? MessagesRequestWriter.write(there, into: &out) : ChatConversationWriter.write(there, into: &out))
            let back = form == .chat ? try MessagesRequestReader.read(out) : try ChatConversationReader.read(out)
            // What was broken before is broken still, and told.
            #expect(back.losses.allSatisfy { $0.reason == .malformed })
            count += 1
            if losses.isEmpty { lossless += 1 }
            // The order within a turn may change: results stand in front. The set may not.
            let before = Self.said(there).sorted()
            let after = Self.said(back).sorted()
            if before == after {
                same += 1
            } else {
                #expect(
                    losses.contains { $0.reason == .unsupported || $0.reason == .converted || $0.reason == .malformed },
                    "\(before.filter { !after.contains($0) }.map { $0.prefix(60) }) \(after.filter { !before.contains($0) }.map { $0.prefix(60) })"
                )
            }
        }
        #expect(count > (form == .chat ? 2_900 : 800))
        #expect(same * 100 >= count * 95, "\(same) of \(count) said the same, \(lossless) without any loss")
    }

    private static func requests(_ form: RecordedAnswersTests.Form, _ folder: String) throws -> [Data] {
        let api = form == .chat ? "\"api\":\"openai-chat\"" : "\"api\":\"anthropic-"
        return try recordedLines(folder).compactMap { line in
            guard line.range(of: Data(api.utf8)) != nil,
                let row = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any],
                let request = row["request"] as? [String: Any], let messages = request["messages"] as? [[String: Any]],
                messages.allSatisfy({ $0["role"] is String })
            else { return nil }
            return try? JSONSerialization.data(withJSONObject: request)
        }
    }
}
