import Records
import Secrets
import Vocabulary

/// The verbs of `tacet audit-log`.
extension Desk {
    func listAuditLog(_ limit: Int) throws(StorageFault) -> DeskReply {
        let last = try audit.head().sequence
        let entries = try audit.entries(after: max(0, last - Int64(limit)))
        let names = operatorNames()
        return DeskReply(lines: entries.map { JSONLine.of(AuditLine($0, names)) })
    }

    func verifyAuditLog(_ anchor: String?) throws(StorageFault) -> DeskReply {
        var hash: MerkleHash?
        if let anchor {
            guard let bytes = HexText.bytes(anchor), let found = MerkleHash(bytes) else {
                return .failed("--head is 64 hexadecimal digits, as /security/log-heads publishes them.", code: 2)
            }
            hash = found
        }
        return DeskReply(lines: [JSONLine.of(AuditCheckLine(try audit.verify(anchor: hash)))])
    }
}

/// An entry as the command line shows it: names and digests, never a value.
struct AuditLine: Codable, Equatable {
    var sequence: Int64
    var at: String
    var actor: String
    /// The operator's name, where one of the system's users has it.
    var by: String?
    var action: String
    var organisation: UInt64
    var subject: UInt64
    var result: String
    var fields: [String: String]
    var hash: String

    init(_ stored: AuditLog.Stored, _ operators: [[UInt8]: String]) {
        let entry = stored.entry
        sequence = entry.sequence
        at = entry.at.text
        actor = entry.actor.name.description
        let user = entry.actor == .operator ? entry.fields.first { $0.name == .by } : nil
        by = user.flatMap { operators[$0.digest] }
        action = entry.action.name.description
        organisation = entry.organisation.value
        subject = entry.subject
        result = entry.result.name.description
        fields = Dictionary(
            entry.fields.map { ($0.name.text.description, HexText.of($0.digest)) }, uniquingKeysWith: { $1 })
        hash = HexText.of(stored.hash.bytes)
    }
}

/// What `audit-log verify --json` prints.
struct AuditCheckLine: Codable, Equatable {
    var sound: Bool
    var entries: Int
    var broken_at: Int64?
    var head: String
    var holds_head: Bool?

    init(_ check: AuditLog.Check) {
        sound = check.isSound
        entries = check.entries
        broken_at = check.brokenAt
        head = HexText.of(check.head.hash.bytes)
        holds_head = check.holdsAnchor
    }
}

/// Lower-case hexadecimal.
enum HexText {
    static func of(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text)
        guard digits.count.isMultiple(of: 2), digits.allSatisfy(\.isHexDigit) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}
