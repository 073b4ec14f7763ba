import Foundation

/// Whether pages of this process could be written to an unencrypted disk (`RULES.md` 19).
struct SwapCheck: Equatable {
    /// Swap areas in use that are neither encrypted nor in memory.
    var unencrypted: [String]
    /// The cgroup's limit is zero: no page of this process is swapped.
    var isForbiddenHere: Bool

    var isUsable: Bool { !unencrypted.isEmpty && !isForbiddenHere }

    /// - Parameters:
    ///   - swaps: `/proc/swaps`.
    ///   - deviceID: the device-mapper id of a block device's name, `CRYPT-…` when encrypted.
    ///   - limits: `memory.swap.max` of the cgroup and of those above it.
    init(swaps: String, deviceID: (String) -> String?, limits: [String]) {
        unencrypted = swaps.split(separator: "\n").dropFirst().compactMap { line in
            guard let path = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).first else { return nil }
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            // Compressed in memory: nothing reaches a disk.
            if name.hasPrefix("zram") { return nil }
            return deviceID(String(path))?.hasPrefix("CRYPT-") == true ? nil : String(path)
        }
        isForbiddenHere = limits.contains { $0.trimmingCharacters(in: .whitespacesAndNewlines) == "0" }
    }

    static func now() -> SwapCheck {
        SwapCheck(
            swaps: CGroup.text("/proc/swaps") ?? "",
            deviceID: { path in
                let name = URL(fileURLWithPath: path).resolvingSymlinksInPath().lastPathComponent
                return CGroup.text("/sys/block/\(name)/dm/uuid")
            }, limits: CGroup.values("memory.swap.max"))
    }
}
