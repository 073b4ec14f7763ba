import Foundation
import GRDB
import Policy
import Records
import Testing
import Vocabulary

@Suite struct DataMapTests {
    /// A fresh ledger, as `Records` makes it, against the map: no column more, no row more.
    @Test func everyColumnIsInTheMapAndEveryRowHasItsColumn() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger(DataDirectory(folder.path + "/data"))
        let columns = try ledger.columns()
        #expect(columns.count > 50)
        let tables = Dictionary(grouping: columns, by: \.table)
        for (table, columns) in tables {
            let (unknown, missing) = DataMap.difference("ledger.\(table)", stored: columns.map(\.name))
            #expect(unknown.isEmpty, "\(table) has columns that the data map lacks: \(unknown)")
            #expect(missing.isEmpty, "the data map has columns that \(table) lacks: \(missing)")
        }
        let mapped = Set(DataMap.fields.map(\.store).filter { $0.hasPrefix("ledger.") }.map { String($0.dropFirst(7)) })
        #expect(mapped == Set(tables.keys))
    }

    /// Text can hold words: each column of it is a name that the operator or the catalogue gave, a masked key, or a path of
    /// the console with the host that led there, which has a host's letters alone.
    @Test func nothingInTheMapHoldsWords() throws {
        for field in DataMap.fields where field.store != "file" {
            #expect(!DataMap.namesContent(field.name), "\(field.store).\(field.name)")
        }
        #expect(DataMap.namesContent("prompt") && DataMap.namesContent("error_message"))
        #expect(!DataMap.namesContent("input_tokens"))
        let folder = try TemporaryFolder()
        for column in try Ledger(DataDirectory(folder.path + "/data")).columns() where column.isText {
            let field = try #require(DataMap.field("ledger.\(column.table)", column.name))
            let kinds: [DataField.Kind] = [.catalogueName, .operatorName, .maskedKey, .version, .siteName]
            // A knob and its value are of closed lists, and the column takes no other letters.
            let isKnob = column.table == "tightened_knobs" && field.kind == .code
            #expect(kinds.contains(field.kind) || isKnob, "\(column.table).\(column.name) is text")
        }
    }

    @Test func noFieldStandsTwice() {
        let names = DataMap.fields.map { "\($0.store) \($0.name)" }
        #expect(Set(names).count == names.count)
    }

    /// The types behind receipt and journal, by reflection: a new property needs a row.
    @Test func everyFieldOfReceiptAndJournalIsInTheMap() {
        let receipt = Receipt(
            id: RequestID(high: 1, low: 2), served: NodeEpoch(node: 1, epoch: 1), openedAt: Moment(microseconds: 0),
            organisation: .home, key: KeyID(1), dialect: .openAI, endpoint: .chatCompletions)
        let opened = OpenedRecord(
            id: receipt.id, hold: 1, openedAt: receipt.openedAt, organisation: .home, key: receipt.key,
            deployment: .none, model: .other, maximum: .zero, dialect: .openAI, endpoint: .chatCompletions,
            route: .none, streamed: false)
        let progress = ProgressRecord(
            id: receipt.id, input: 1, output: 1, cost: .zero, charge: .zero, at: receipt.openedAt)
        for (store, value) in [
            ("receipt", receipt as Any), ("journal.opened", opened as Any), ("journal.progress", progress as Any),
        ] {
            let names = Mirror(reflecting: value).children.compactMap(\.label)
            #expect(names.count > 4)
            let (unknown, missing) = DataMap.difference(store, stored: names)
            #expect(unknown.isEmpty, "\(store): \(unknown)")
            #expect(missing.isEmpty, "\(store): \(missing)")
        }
    }

    /// Every event there is, written by the log itself.
    @Test func everyMemberOfALogLineIsInTheMap() throws {
        let folder = try TemporaryFolder()
        let log = DailyLog(directory: folder.path, retentionDays: 14, capacity: 21) { Moment(microseconds: 0) }
        let events: [LogEvent] = [
            .request(
                id: RequestID(high: 1, low: 2), endpoint: .chatCompletions, status: 200, error: .none,
                completion: .complete, key: KeyID(1), deployment: DeploymentID(5), totalMicroseconds: 1),
            .connectionRefused(error: .malformedRequest),
            .upstreamFailed(deployment: DeploymentID(5), error: .upstreamCut),
            .streamViolation(
                id: RequestID(high: 1, low: 2), dialect: .gemini, rule: .emptyBlock, isOurs: true,
                deployment: DeploymentID(5)),
            .started(apiPort: 8400, consolePort: 8401), .draining(inFlight: 2), .stopped(cutRequests: 1),
            .configurationReloaded, .journalFull, .journalDamaged(segment: 3), .recovered(requests: 4), .drainFailed,
            .keySnapshotStale, .creditUnconfirmed,
        ]
        for event in events { log.record(event) }
        // More than the queue holds, so that the line about dropped events is written too.
        for _ in 0..<30 { log.record(.journalFull) }
        log.flush()
        var names: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            #expect(DataMap.knowsFile("logs/" + file))
            for line in try String(contentsOfFile: folder.path + "/" + file, encoding: .utf8).split(separator: "\n") {
                let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                names.formUnion(object.keys)
            }
        }
        let (unknown, missing) = DataMap.difference("log", stored: names)
        #expect(unknown.isEmpty, "\(unknown)")
        #expect(missing.isEmpty, "\(missing)")
    }

    @Test func everyFileOfADataDirectoryIsInTheMap() throws {
        let folder = try TemporaryFolder()
        let directory = try DataDirectory(folder.path + "/data")
        let ledger = try Ledger(directory)
        let lock = try directory.lockForServer()
        defer { withExtendedLifetime((ledger, lock)) {} }
        let all = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? []
        var isFolder: ObjCBool = false
        for path in all {
            _ = unsafe FileManager.default.fileExists(atPath: directory.path + "/" + path, isDirectory: &isFolder)
            #expect(isFolder.boolValue || DataMap.knowsFile(path), "\(path)")
        }
        #expect(all.contains("ledger.sqlite"))
        #expect(DataMap.knowsFile("nodes/1/journal/0000000001-0000000002.seg"))
        #expect(DataMap.knowsFile("nodes/1/journal/spare-3"))
        #expect(!DataMap.knowsFile("nodes/1/journal/.seg") && !DataMap.knowsFile("logs/tacet-words.log"))
        #expect(
            !DataMap.knowsFile("nodes/x/journal/1.seg") && DataMap.knowsFile("nodes/12/epoch")
                && !DataMap.knowsFile("core") && !DataMap.knowsFile("keys/pepper.bak"))
    }
}
