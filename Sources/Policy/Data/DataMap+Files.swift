extension DataMap {
    // MARK: The receipt

    /// The 352 canonical bytes, field by field, by the names of `Receipt`.
    static let receiptGroup = DataGroup(
        store: "receipt", purpose: .meter, basis: .contract, retention: .receiptTerm, export: .receipts,
        erasure: .withTheReceipt,
        names: [
            (
                .identifier,
                "id served hold organisation project member key tags deployment providerAccount requestedModel servedModel"
            ),
            (.time, "openedAt totalMicroseconds firstByteMicroseconds overheadMicroseconds"),
            (.code, "dialect endpoint status error completion category route cache dataClass flags profile"),
            (.count, "attempts tokens tokensBeforeCompression tokensAfterCompression"),
            (.money, "providerCost charge baseline savedByRouting savedByCompression savedByCache"),
            (.version, "priceBook tariff tariffVersion profileVersion"),
        ])

    // MARK: The journal

    static let journalGroups: [DataGroup] = [
        DataGroup(
            store: "journal", purpose: .recover, basis: .notPersonal, retention: .untilDrained,
            erasure: .withTheSegment,
            names: [
                (.version, "magic version"), (.identifier, "node epoch"),
                (.position, "segment length kind sequence checksum commit"),
            ]),
        DataGroup(
            store: "journal.opened", purpose: .recover, basis: .contract, retention: .untilDrained,
            erasure: .withTheSegment,
            names: [
                (.identifier, "id hold organisation key deployment model"), (.time, "openedAt"), (.money, "maximum"),
                (.code, "dialect endpoint route streamed"),
            ]),
        DataGroup(
            store: "journal.opened", purpose: .recover, basis: .contract, retention: .untilDrained,
            sealing: .keyedDigest, erasure: .withTheSegment, names: [(.digest, "mark")]),
        DataGroup(
            store: "journal.progress", purpose: .recover, basis: .contract, retention: .untilDrained,
            erasure: .withTheSegment,
            names: [(.identifier, "id"), (.count, "input output"), (.money, "cost charge"), (.time, "at")]),
        DataGroup(
            store: "journal.named", purpose: .meter, basis: .notPersonal, retention: .untilDrained,
            erasure: .withTheSegment, names: [(.identifier, "id"), (.catalogueName, "name")]),
    ]

    // MARK: The log

    static let logGroups: [DataGroup] = [
        DataGroup(
            store: "log", purpose: .operate, basis: .legitimateInterest, retention: .logTerm,
            erasure: .withTheLogFile,
            names: [
                (.time, "at total_us"), (.code, "level event endpoint status error completion dialect rule origin"),
                (.identifier, "id key deployment"),
            ]),
        DataGroup(
            store: "log", purpose: .operate, basis: .notPersonal, retention: .logTerm, erasure: .withTheLogFile,
            names: [
                (.position, "api_port console_port segment"), (.count, "in_flight cut_requests requests events"),
            ]),
    ]

    // MARK: Files

    /// Files of the data directory; `*` stands for digits and dashes.
    static let fileGroups: [DataGroup] = [
        DataGroup(
            store: "file", purpose: .authenticate, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation, names: [(.secret, "keys/pepper")]),
        DataGroup(
            store: "file", purpose: .prove, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation, names: [(.secret, "keys/installation.key nodes/*/node.key")]),
        DataGroup(
            store: "file", purpose: .operate, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation,
            names: [
                (
                    .position,
                    "prices.txt server.lock control.sock nodes/*/server.lock nodes/*/epoch nodes/*/control.sock nodes/*/journal/spare-*"
                )
            ]),
        DataGroup(
            store: "file", purpose: .meter, basis: .contract, retention: .untilDeletion, export: .receipts,
            erasure: .withTheReceipt, names: [(.record, "ledger.sqlite ledger.sqlite-wal ledger.sqlite-shm")]),
        DataGroup(
            store: "file", purpose: .recover, basis: .contract, retention: .untilDrained, erasure: .withTheSegment,
            names: [(.record, "nodes/*/journal/*.seg")]),
        DataGroup(
            store: "file", purpose: .operate, basis: .legitimateInterest, retention: .logTerm,
            erasure: .withTheLogFile, names: [(.record, "logs/tacet-*.log")]),
    ]

    /// Whether a file of the data directory, by its path from there, is one of the map's.
    public static func knowsFile(_ path: String) -> Bool {
        fields.contains { $0.store == "file" && matches(path, $0.name) }
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let patterns = pattern.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == patterns.count && zip(parts, patterns).allSatisfy { matchesPart($0, $1) }
    }

    private static func matchesPart(_ part: Substring, _ pattern: Substring) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return part == pattern }
        let head = pattern[..<star]
        let tail = pattern[pattern.index(after: star)...]
        guard part.hasPrefix(head), part.hasSuffix(tail), part.count > head.count + tail.count else { return false }
        return part.dropFirst(head.count).dropLast(tail.count).allSatisfy { $0 == "-" || ("0"..."9").contains($0) }
    }
}
