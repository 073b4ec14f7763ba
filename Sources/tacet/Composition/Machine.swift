import Foundation

/// What the machine offers this process.
enum Machine {
    static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// Bytes that bodies may take: a quarter of the cgroup's limit or of the memory (`RULES.md` 3).
    static var bodyBudget: Int { memory / 4 }

    private static var memory: Int {
        let physical = Int(ProcessInfo.processInfo.physicalMemory)
        return limits.min().map { min($0, physical) } ?? physical
    }

    /// `memory.max` of the cgroup and of those above it.
    private static var limits: [Int] {
        let files = CGroup.values("memory.max") + [CGroup.text("/sys/fs/cgroup/memory/memory.limit_in_bytes") ?? ""]
        return files.compactMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
}

/// The control group this process is in.
enum CGroup {
    static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A file of the group and of every group above it.
    static func values(_ file: String) -> [String] {
        var values: [String] = []
        let group = text("/proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3)
        var path = group.map(String.init) ?? ""
        while true {
            if let value = text("/sys/fs/cgroup" + (path == "/" ? "" : path) + "/" + file) { values.append(value) }
            guard let slash = path.lastIndex(of: "/") else { return values }
            path = String(path[..<slash])
        }
    }
}
