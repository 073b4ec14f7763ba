import GRDB
import Synchronization
public import Vocabulary

/// From where requests came, where a profile keeps that (AI-11, AU-16): 16 bytes beside a receipt's id, in a table of its
/// own, for the logs' term.
///
/// The data plane notes in memory; `flush` writes. What was noted since the last flush dies with the process.
public final class OriginStore: OriginBook, Sendable {
    private struct Note {
        var id: RequestID
        var organisation: OrganisationID
        var at: Moment
        var origin: Network.Address
    }

    /// More than this between two flushes is not kept.
    private static let limit = 100_000
    private let ledger: Ledger
    private let notes = Mutex<[Note]>([])

    public init(_ ledger: Ledger) { self.ledger = ledger }

    public func note(_ id: RequestID, of organisation: OrganisationID, at: Moment, from origin: Network.Address) {
        notes.withLock { notes in
            guard notes.count < Self.limit else { return }
            notes.append(Note(id: id, organisation: organisation, at: at, origin: origin))
        }
    }

    public func flush() throws(StorageFault) {
        let taken = notes.withLock { notes in
            defer { notes = [] }
            return notes
        }
        guard !taken.isEmpty else { return }
        try ledger.write { database in
            for note in taken {
                let bytes = (0..<16).map { UInt8(truncatingIfNeeded: note.origin >> (120 - $0 * 8)) }
                try database.execute(
                    sql: "INSERT INTO request_origins VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    arguments: [
                        note.id.bytes.stored, note.organisation.value.stored, note.at.microseconds, bytes.stored,
                    ])
            }
        }
    }

    public func expire(before end: Moment) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(sql: "DELETE FROM request_origins WHERE at < ?", arguments: [end.microseconds])
        }
    }
}
