import Foundation
import GRDB
public import Secrets
public import Vocabulary

/// Why an archive is not read.
public enum ArchiveFault: Error, Equatable, Sendable {
    /// It is none, or was packed again.
    case notAnArchive
    /// Another installation signed it, or nobody.
    case foreign
    /// A file in it is not what was signed.
    case changed(file: String)
    /// It was made by another version: its tables are not the ledger's.
    case otherSchema
    /// It is of another organisation than it was to be.
    case otherOrganisation(OrganisationID)
    /// A row of it cannot stand beside what is there.
    case contradicts(table: String)
    case storage(StorageFault)
}

/// Everything that is kept of one organisation, as a ZIP of JSON and CSV with its schema: what access and portability give,
/// and what can be read back (AU-30, AX-19).
///
/// `manifest.json` names every file with its SHA-256 and is signed by the installation over `TACETEXP` and its bytes.
public struct AccountArchive: Sendable {
    private static let domain = Array("TACETEXP".utf8)
    private let ledger: Ledger
    private let tables: [OwnedTable]
    /// What each column is, from the data map: name, class, purpose, basis, retention.
    private let meanings: [String: [[String]]]
    private let open: Opener

    /// Opens the sealed cell of a table's row: the texts of its `opened` columns.
    public typealias Opener =
        @Sendable (_ table: String, _ row: UInt64, _ cell: [UInt8]) throws(StorageFault) -> [String]

    public init(_ ledger: Ledger, _ tables: [OwnedTable], meanings: [String: [[String]]], open: @escaping Opener) {
        self.ledger = ledger
        self.tables = tables.filter { !$0.exported.isEmpty }
        self.meanings = meanings
        self.open = open
    }

    // MARK: Out

    /// The archive's bytes.
    public func make(
        _ organisation: OrganisationID, signedBy identity: InstallationIdentity, at now: Moment
    ) throws(ArchiveFault) -> [UInt8] {
        let files: [(String, [UInt8], Int)]
        do throws(StorageFault) {
            files = try ledger.read { database in
                var files = [("schema.json", try schema(in: database), 0)]
                for table in tables {
                    let rows = try rows(of: table, organisation, in: database)
                    files.append(("tables/\(table.name).json", rows.json, rows.rows.count))
                    files.append(("tables/\(table.name).csv", rows.csv, rows.rows.count))
                }
                return files
            }
        } catch {
            throw .storage(error)
        }
        var archive = ZIPArchive()
        let manifest = Manifest(
            format: "tacet-account-archive", version: 1, organisation: organisation.value,
            exported_at_us: now.microseconds,
            installation_key: String(decoding: Hex.text(identity.publicKey), as: UTF8.self),
            files: files.map { name, bytes, rows in
                Manifest.File(
                    name: name, sha256: String(decoding: Hex.text(SHA256Digest.of(bytes)), as: UTF8.self), rows: rows)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let text = (try? encoder.encode(manifest)).map { Array($0) } ?? []
        let signature: [UInt8]
        do throws(KeyFileFault) {
            signature = try identity.sign(Self.domain + text)
        } catch {
            throw .storage(.failed)
        }
        archive.add("manifest.json", text)
        archive.add("manifest.sig", Hex.text(signature))
        for (name, bytes, _) in files { archive.add(name, bytes) }
        return archive.bytes
    }

    private func rows(
        of table: OwnedTable, _ organisation: OrganisationID, in database: Database
    ) throws -> ArchiveTable {
        let columns = table.exported.joined(separator: ", ")
        let key = try database.primaryKey(table.name).columns.joined(separator: ", ")
        let order = table.exported.contains(where: { key.contains($0) }) ? key : columns
        guard table.link == .receipt else {
            let rows = try Row.fetchAll(
                database, sql: "SELECT \(columns) FROM \(table.name) WHERE \(table.condition) ORDER BY \(order)",
                arguments: [organisation.value.stored])
            return ArchiveTable(
                name: table.name, columns: table.archived, rows: try rows.map { try opened($0, of: table) })
        }
        // Whose a receipt is stands in its record.
        var rows: [[DatabaseValue]] = []
        let cursor = try Row.fetchCursor(
            database, sql: "SELECT \(columns), canonical AS record FROM \(table.name) ORDER BY place")
        while let row = try cursor.next() {
            guard try row.receipt("record").organisation == organisation else { continue }
            rows.append(Array(row.databaseValues.dropLast()))
        }
        return ArchiveTable(name: table.name, columns: table.archived, rows: rows)
    }

    /// A row's values, what is sealed in it opened.
    private func opened(_ row: Row, of table: OwnedTable) throws(StorageFault) -> [DatabaseValue] {
        var values: [DatabaseValue] = []
        for (column, value) in row {
            if column != OwnedTable.sealed {
                values.append(value)
            } else if let cell = row.optionalBytes(column) {
                values += try open(table.name, row.unsigned("id"), cell).map(\.databaseValue)
            } else {
                values += table.opened.map { _ in .null }
            }
        }
        return values
    }

    /// Every column of every table: its type in the ledger, and what the data map says of it.
    private func schema(in database: Database) throws -> [UInt8] {
        var all: [String: [[String: String]]] = [:]
        for table in tables {
            let types = try Self.types(of: table, in: database)
            all[table.name] = table.archived.map { column in
                let meaning = meanings[table.name]?.first { $0.first == column } ?? []
                var entry = ["column": column, "type": types[column] ?? ""]
                for (name, value) in zip(["class", "purpose", "basis", "retention"], meaning.dropFirst()) {
                    entry[name] = value
                }
                return entry
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(all))
    }

    static func types(of table: OwnedTable, in database: Database) throws -> [String: String] {
        Dictionary(
            try database.columns(in: table.name).map { ($0.name, $0.type) } + table.opened.map { ($0, "TEXT") },
            uniquingKeysWith: { first, _ in first })
    }

    struct Manifest: Codable {
        struct File: Codable {
            var name: String
            var sha256: String
            var rows: Int
        }

        var format: String
        var version: Int
        var organisation: UInt64
        var exported_at_us: Int64
        var installation_key: String
        var files: [File]
    }

    // MARK: In

    /// How many rows came back, and how many were there already or are not taken in (people, their memberships and sessions,
    /// keys, the audit log).
    public struct Restored: Equatable, Sendable {
        public var rows = 0
        public var kept = 0
    }

    /// Reads an archive back: rows that are missing come back, those that are there stay. One transaction: nothing is changed
    /// when anything of it is refused.
    public func restore(
        _ bytes: [UInt8], to organisation: OrganisationID, signedBy installation: [UInt8]
    ) throws(ArchiveFault) -> Restored {
        let files = try Self.opened(bytes, organisation, installation)
        var refused: ArchiveFault?
        do throws(StorageFault) {
            return try ledger.write { database in
                do {
                    return try ArchiveReader(tables, files, schema(in: database)).restore(organisation, database)
                } catch {
                    // Thrown on, it ends the transaction without a change.
                    refused = error as? ArchiveFault
                    throw error
                }
            }
        } catch {
            throw refused ?? .storage(error)
        }
    }

    private static func opened(
        _ bytes: [UInt8], _ organisation: OrganisationID, _ installation: [UInt8]
    ) throws(ArchiveFault) -> [String: [UInt8]] {
        guard let archive = ZIPArchive(bytes), let text = archive["manifest.json"],
            let signature = archive["manifest.sig"].flatMap({ Hex.bytes(String(decoding: $0, as: UTF8.self)) })
        else { throw .notAnArchive }
        guard InstallationIdentity.isSigned(domain + text, by: installation, signature) else { throw .foreign }
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(text)),
            manifest.format == "tacet-account-archive", manifest.version == 1
        else { throw .otherSchema }
        guard manifest.organisation == organisation.value else {
            throw .otherOrganisation(OrganisationID(manifest.organisation))
        }
        var files: [String: [UInt8]] = [:]
        for file in manifest.files {
            guard let bytes = archive[file.name],
                file.sha256.utf8.elementsEqual(Hex.text(SHA256Digest.of(bytes)))
            else { throw .changed(file: file.name) }
            files[file.name] = bytes
        }
        guard archive.members.count == files.count + 2 else { throw .changed(file: "a file that was not signed") }
        return files
    }
}
