import Accounts
import Foundation
import NIOCore
import Records
import Vocabulary

/// The newest requests, live: metadata only.
enum RequestsPage {
    static let routes: [Route] = [
        .get("/requests", .member(.readUsage, show)), .get("/requests/events", .member(.readUsage, events)),
        .get("/requests/{id}", .member(.readUsage, showOne)),
    ]

    private struct View {
        let receipts: [ReceiptRows.Row]
        let hasReceipts: Bool
        let keys: [Choice]
        let key: String
        /// What curl needs for a first request.
        let api: String
    }

    /// What the address asks for.
    static func filter(_ visit: Visit, _ account: Account) throws -> ReceiptStore.Filter {
        var filter = ReceiptStore.Filter(limit: 50)
        if visit.query.has("key"), !visit.query["key"].isEmpty {
            let keys = try visit.desk.keys.list(of: account.organisation)
            guard let key = keys.first(where: { $0.id.text == visit.query["key"] }) else { throw PageFault.notFound }
            filter.key = key.id
        }
        return filter
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let rows = try await visit.receipts(filter(visit, account), of: account).rows
        let view = View(
            receipts: rows, hasReceipts: !rows.isEmpty,
            keys: try visit.desk.keys.list(of: account.organisation).map {
                Choice(value: $0.id.text, label: $0.name, current: $0.id.text == visit.query["key"])
            }, key: visit.query["key"], api: visit.desk.api())
        return visit.page("requests", view, title: "requests.title")
    }

    /// A receipt's every field, as it is signed.
    @Sendable private static func showOne(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let stored = try receipt(visit, account)
        return .file(name: "\(stored.receipt.id.name).json", type: "application/json", bytes: stored.json())
    }

    static func receipt(_ visit: Visit, _ account: Account) throws -> StoredReceipt {
        guard let id = RequestID(text: Array((visit.parameters["id"] ?? "").utf8)),
            let stored = try visit.desk.receipts.receipt(id), stored.receipt.organisation == account.organisation
        else { throw PageFault.notFound }
        return stored
    }

    // MARK: Live

    /// One row as the page's script shows it.
    private struct LiveRow: Encodable {
        let id: String
        let time: String
        let iso: String
        let model: String
        let provider: String
        let outcome: String
        let tone: String
        let decision: String
        let tokens: String
        let cost: String
        let exact: String
        let took: String
        let key: String

        init(_ row: ReceiptRows.Row) {
            id = row.id
            time = row.time.text
            iso = row.time.iso
            model = row.model
            provider = row.provider
            outcome = row.outcome
            tone = row.tone
            decision = row.decision
            tokens = row.tokens
            cost = row.cost.text
            exact = row.cost.exact
            took = row.took
            key = row.key
        }
    }

    private static let recentTime: Int64 = 300_000_000

    /// Looks once a second for what came since; ends with the session, and after ten minutes, when the browser comes again.
    @Sendable static func events(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let filter = try filter(visit, account)
        let first = Set(try await visit.receipts(filter, of: account).rows.map(\.id))
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream(bufferingPolicy: .bufferingNewest(100))
        let work = Task {
            var known = first
            continuation.yield(ByteBuffer(string: "retry: 2000\n\n"))
            for _ in 0..<600 {
                try? await Task.sleep(for: .seconds(1))
                // Older ones are on the page already; a request that took longer is there when the page is loaded again.
                var recent = filter
                recent.since = Moment(microseconds: visit.desk.now().microseconds - recentTime)
                guard !Task.isCancelled,
                    (try? visit.desk.people.account(token: visit.token, visit.carrier, isUse: false))?.organisation
                        == account.organisation,
                    let rows = try? await visit.receipts(recent, of: account).rows
                else { break }
                let fresh = rows.filter { !known.contains($0.id) }
                known = Set(rows.map(\.id))
                for row in fresh.reversed() {
                    guard let json = try? JSONEncoder().encode(LiveRow(row)) else { continue }
                    continuation.yield(
                        ByteBuffer(string: "id: \(row.id)\ndata: \(String(decoding: json, as: UTF8.self))\n\n"))
                }
                if fresh.isEmpty { continuation.yield(ByteBuffer(string: ":\n\n")) }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in work.cancel() }
        return .events(stream)
    }
}
