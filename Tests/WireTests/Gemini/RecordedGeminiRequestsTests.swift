import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// Every recorded request to Gemini, through the form into each dialect: what was said, called and answered is still there,
/// or is among the losses.
@Suite struct RecordedGeminiRequestsTests {
    private static func said(_ conversation: Conversation) -> [String] {
        var out: [String] = []
        func take(_ block: Block) {
            switch block.kind {
            case .text(let text), .refusal(let text):
                if !text.isEmpty { out.append(String(decoding: text.unescaped, as: UTF8.self)) }
            case .toolCall(let call):
                let arguments = String(decoding: call.arguments.encoded.unescaped, as: UTF8.self)
                out.append(String(decoding: call.name.unescaped, as: UTF8.self) + Digest.arguments(arguments))
            case .toolResult(let result): for inner in result.content { take(inner) }
            case .media(let media): out.append("media \(media.kind)")
            case .thinking, .foreign: break
            }
        }
        for turn in conversation.turns { turn.blocks.forEach(take) }
        for tool in conversation.tools {
            if case .function(let function) = tool.kind {
                out.append(String(decoding: function.name.unescaped, as: UTF8.self))
            }
        }
        return out.sorted()
    }

    /// Signatures in order, which have to come back to Gemini as they were.
    private static func signatures(_ body: String) -> [String] {
        body.replacing("thought_signature", with: "thoughtSignature").components(separatedBy: #""thoughtSignature":""#)
            .dropFirst().map { String($0.prefix { $0 != "\"" }) }
    }

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set")) func comesBack() throws {
        var count = 0
        var silent: [String] = []
        var same = ["gemini": 0, "chat": 0, "messages": 0]
        let path = GeminiPath(model: Array("gemini-2.5-flash".utf8), action: .generateContent)
        for row in try GeminiRow.read(try #require(sharedFolder)) {
            guard row.request["contents"] is [Any] else { continue }
            let body = try JSONSerialization.data(
                withJSONObject: row.request, options: [.withoutEscapingSlashes, .sortedKeys])
            let there: Conversation
            do { there = try GeminiRequestReader.read(ByteBuffer(bytes: body), path: path) } catch {
                // One provider refused it too.
                #expect(row.status >= 400, "\(row.id)")
                continue
            }
            count += 1
            let before = Self.said(there)
            var out = ByteBuffer()
            _ = GeminiRequestWriter.write(there, into: &out)
            let back = try GeminiRequestReader.read(out, path: path)
            if Self.said(back) == before { same["gemini", default: 0] += 1 }
            #expect(Self.said(back) == before, "\(row.id)")
            // Server tools' parts hold signatures of their own, whole.
            let there2 = Self.signatures(String(decoding: body, as: UTF8.self)).map {
                $0.replacing("-", with: "+").replacing("_", with: "/")
            }
            let back2 = Self.signatures(String(buffer: out)).map {
                $0.replacing("-", with: "+").replacing("_", with: "/")
            }
            #expect(back2.sorted() == there2.sorted(), "\(row.id)")

            var chat = ByteBuffer()
            let chatLosses = ChatConversationWriter.write(there, into: &chat) + there.losses
            if Self.said(try ChatConversationReader.read(chat)) == before {
                same["chat", default: 0] += 1
            } else {
                #expect(!chatLosses.isEmpty, "\(row.id)")
            }
            var messages = ByteBuffer()
            let messagesLosses = MessagesRequestWriter.write(there, into: &messages) + there.losses
            if Self.said(try MessagesRequestReader.read(messages)) == before {
                same["messages", default: 0] += 1
            } else {
                if messagesLosses.isEmpty { silent.append(row.id) }
            }
        }
        // Anthropic has no list of allowed tools: the others are left out, which says the same.
        #expect(silent.count <= 1, "\(silent)")
        #expect(count > 600, "\(count)")
        #expect(same["gemini"] == count && same.values.allSatisfy { $0 * 100 >= count * 90 }, "\(same) of \(count)")
    }
}
