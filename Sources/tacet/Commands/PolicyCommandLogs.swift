import Foundation
import Policy
import Vocabulary

/// How old the log files of a folder are, and whether each line is what the data map says.
struct PolicyLogLook {
    private(set) var count = 0
    private(set) var lines = 0
    /// Lines with a member that is not in the map, or a value that is neither a number nor a short word of ASCII.
    private(set) var strange = 0
    /// Whole days since the day of the oldest file.
    private(set) var oldestDays: Int64?

    init(folder: String, now: Moment) {
        let members = Set(DataMap.fields.filter { $0.store == "log" }.map(\.name))
        let today = now.microseconds / 86_400_000_000
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let day = Self.day(of: name) else { continue }
            count += 1
            oldestDays = max(oldestDays ?? 0, today - day)
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
            for line in data.split(separator: 0x0a) {
                lines += 1
                if !Self.isPlain(line, members) { strange += 1 }
            }
        }
    }

    /// Days since 1970 of `tacet-2026-11-21.log`.
    private static func day(of name: String) -> Int64? {
        guard name.hasPrefix("tacet-"), name.hasSuffix(".log") else { return nil }
        let date = name.dropFirst(6).dropLast(4)
        guard let moment = try? Date(date + "T00:00:00Z", strategy: .iso8601) else { return nil }
        return Int64(moment.timeIntervalSince1970) / 86_400
    }

    static func isPlain(_ line: Data, _ members: Set<String>) -> Bool {
        guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else { return false }
        return object.allSatisfy { name, value in
            guard members.contains(name) else { return false }
            if let text = value as? String {
                return text.utf8.count <= 64
                    && text.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                            || "_-:./{}*".utf8.contains(byte)
                    }
            }
            return value is NSNumber
        }
    }
}
