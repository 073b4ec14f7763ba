import Records

/// Verifies exported receipts line by line and says what was found.
struct ReceiptCheck {
    private var verifier: ReceiptVerifier
    private let installationKey: [UInt8]
    private var line = 0
    private var faults: [Report.Fault] = []
    /// More than these tell nothing new.
    private static let shownFaults = 20

    init(installationKey: [UInt8]) {
        verifier = ReceiptVerifier(installationKey: installationKey)
        self.installationKey = installationKey
    }

    /// What `receipts verify --json` prints.
    struct Report: Codable {
        var sound: Bool
        var verified: Int
        var erased: Int
        var bad: Int
        var missing_proof: Int
        var missing: Int
        var missing_heads: Int
        var installation_key: String
        var faults: [Fault]

        struct Fault: Codable {
            var line: Int
            var reason: String
        }
    }

    mutating func add(_ bytes: [UInt8]) {
        line += 1
        let reason: String
        switch verifier.add(line: bytes) {
        case .ok, .erased: return
        case .missingProof: reason = "missing_proof"
        case .bad(.malformed): reason = "malformed"
        case .bad(.signature): reason = "signature"
        case .bad(.inclusion): reason = "inclusion"
        case .bad(.content): reason = "content"
        case .bad(.chain): reason = "chain"
        }
        if faults.count < Self.shownFaults { faults.append(Report.Fault(line: line, reason: reason)) }
    }

    /// - Parameter isWhole: all receipts of a ledger were added, so that a gap is a fault too.
    func report(isWhole: Bool) -> Report {
        let summary = verifier.summary
        let hasGap = summary.missing > 0 || summary.missingHeads > 0
        return Report(
            sound: summary.isSound && !(isWhole && hasGap), verified: summary.ok, erased: summary.erased,
            bad: summary.bad, missing_proof: summary.missingProof, missing: summary.missing,
            missing_heads: summary.missingHeads, installation_key: Self.hex(installationKey), faults: faults)
    }

    func reply(isWhole: Bool) -> DeskReply {
        DeskReply(lines: [JSONLine.of(report(isWhole: isWhole))])
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
