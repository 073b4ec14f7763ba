import Foundation

/// What the command line can ask of a data directory, of the server that holds it or directly (`RULES.md` 34).
enum DeskRequest: Codable, Equatable, Sendable {
    case createKey(name: String, budget: Int64?, requestsPerMinute: Int64?, isTest: Bool)
    case listKeys
    case revokeKey(String)
    /// Microseconds since 1970; a model by its name.
    case listReceipts(since: Int64?, until: Int64?, key: String?, model: String?, limit: Int)
    case showReceipt(String)
    case verifyReceipts
    case exportReceipts(since: Int64?)
    /// Nano-USD.
    case grant(amount: Int64, organisation: UInt64, key: String, note: UInt64)
    case ledgerBalance
    case ledgerStatement(account: String, limit: Int)
    case ledgerCheck
    case setProviderKey(provider: String, key: String)
    case listProviderKeys
    case deleteProviderKey(provider: String)
    case rotateProviderKeys(master: Bool)
    case auditLog(limit: Int)
    case verifyAuditLog(head: String?)
    /// Only a running server can.
    case reload

    /// One line of JSON without its end.
    var line: [UInt8] { (try? JSONEncoder().encode(self)).map { Array($0) } ?? [] }

    init?(line: [UInt8]) {
        guard let request = try? JSONDecoder().decode(DeskRequest.self, from: Data(line)) else { return nil }
        self = request
    }
}

/// The answer: lines of JSON, or why there are none.
struct DeskReply: Equatable, Sendable {
    var failure: String?
    var code: Int32 = 0
    var lines: [[UInt8]] = []

    static func failed(_ text: String, code: Int32 = 1) -> DeskReply { DeskReply(failure: text, code: code) }

    private struct Head: Codable {
        var ok: Bool
        var error: String?
        var code: Int32
    }

    /// The form on the socket: a head line, then the lines.
    var bytes: [UInt8] {
        let head = Head(ok: failure == nil, error: failure, code: code)
        var bytes = (try? JSONEncoder().encode(head)).map { Array($0) } ?? []
        bytes.append(0x0a)
        for line in lines { bytes += line + [0x0a] }
        return bytes
    }

    init(failure: String? = nil, code: Int32 = 0, lines: [[UInt8]] = []) {
        self.failure = failure
        self.code = code
        self.lines = lines
    }

    /// `nil` when the answer was cut.
    init?(bytes: [UInt8]) {
        guard bytes.last == 0x0a else { return nil }
        var all = bytes.split(separator: 0x0a, omittingEmptySubsequences: true).map { Array($0) }
        guard !all.isEmpty, let head = try? JSONDecoder().decode(Head.self, from: Data(all.removeFirst())) else {
            return nil
        }
        self.init(failure: head.ok ? nil : head.error ?? "", code: head.code, lines: all)
    }
}
