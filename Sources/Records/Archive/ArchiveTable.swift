import Foundation
import GRDB

/// A table of an archive: its columns, and its rows as the ledger has them.
struct ArchiveTable {
    var name: String
    var columns: [String]
    var rows: [[DatabaseValue]]

    /// One array of objects, a row a line; bytes in hexadecimal.
    var json: [UInt8] {
        var out = Array("[".utf8)
        for (index, row) in rows.enumerated() {
            out += Array(index == 0 ? "\n{".utf8 : ",\n{".utf8)
            for (column, value) in zip(columns, row) {
                if out.last != 0x7b { out.append(0x2c) }
                out += Array("\"\(column)\":".utf8) + Self.json(value)
            }
            out.append(0x7d)
        }
        return out + Array("\n]\n".utf8)
    }

    /// RFC 4180, with a line of names; what is absent is empty.
    var csv: [UInt8] {
        var text = columns.joined(separator: ",") + "\r\n"
        for row in rows {
            text += row.map { Self.csv($0) }.joined(separator: ",") + "\r\n"
        }
        return Array(text.utf8)
    }

    private static func json(_ value: DatabaseValue) -> [UInt8] {
        switch value.storage {
        case .null: Array("null".utf8)
        case .int64(let number): Array("\(number)".utf8)
        case .double(let number): Array("\(number)".utf8)
        case .string(let text): (try? JSONEncoder().encode(text)).map { Array($0) } ?? []
        case .blob(let data): [0x22] + Hex.text(Array(data)) + [0x22]
        }
    }

    private static func csv(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: return ""
        case .int64(let number): return "\(number)"
        case .double(let number): return "\(number)"
        case .blob(let data): return String(decoding: Hex.text(Array(data)), as: UTF8.self)
        case .string(let text):
            let isPlain = !text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
            return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
        }
    }

    /// Reads what `json` writes. `nil`: other columns, or a value of another kind than its column's type.
    init?(_ name: String, _ columns: [String], types: [String: String], json: [UInt8]) {
        guard let objects = (try? JSONSerialization.jsonObject(with: Data(json))) as? [[String: Any]] else {
            return nil
        }
        self.name = name
        self.columns = columns
        rows = []
        for object in objects {
            guard object.count == columns.count else { return nil }
            var row: [DatabaseValue] = []
            for column in columns {
                guard let value = object[column].flatMap({ Self.value($0, types[column] ?? "") }) else { return nil }
                row.append(value)
            }
            rows.append(row)
        }
    }

    init(name: String, columns: [String], rows: [[DatabaseValue]]) {
        self.name = name
        self.columns = columns
        self.rows = rows
    }

    private static func value(_ value: Any, _ type: String) -> DatabaseValue? {
        switch (value, type) {
        case (is NSNull, _): .null
        case (let number as NSNumber, "INTEGER"): number.int64Value.databaseValue
        case (let text as String, "TEXT"): text.databaseValue
        case (let text as String, "BLOB"): Hex.bytes(text).map { Data($0).databaseValue }
        default: nil
        }
    }
}
