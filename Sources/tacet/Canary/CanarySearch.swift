import CDispatch
import Foundation
import Glibc

/// Searches what a process wrote for a marked word, in every form, also inside compressed frames. What cannot be looked into
/// is called `not checked`, never clean.
struct CanarySearch {
    struct Find: Codable, Equatable {
        var place: String
        var form: String
        var offset: Int
    }

    private let forms: [(name: String, bytes: [UInt8])]
    private(set) var found: [Find] = []
    private(set) var notChecked: [String] = []
    private(set) var bytes = 0
    private(set) var files = 0
    private let zstd = ZstdLibrary()
    private static let inflatedLimit = 16 << 20
    private static let fileLimit = 2 << 30

    init(_ marks: CanaryMarks) { forms = marks.forms }

    mutating func data(_ data: Data, at place: String, depth: Int = 0) {
        bytes += data.count
        for form in forms {
            if let offset = Self.offset(of: form.bytes, in: data, from: 0) {
                found.append(Find(place: place, form: form.name, offset: offset))
            }
        }
        guard depth < 3 else { return }
        for magic in [
            [UInt8](arrayLiteral: 0x1f, 0x8b, 0x08), [0x78, 0x01], [0x78, 0x5e], [0x78, 0x9c], [0x78, 0xda],
        ] {
            frames(magic, in: data) { search, at in
                let inflated = Self.inflated(data, from: at)
                if inflated.count >= 12 { search.data(inflated, at: "\(place)!deflate@\(at)", depth: depth + 1) }
            }
        }
        frames([0x28, 0xb5, 0x2f, 0xfd], in: data) { search, at in
            guard let zstd = search.zstd else {
                search.notChecked.append("\(place): a zstd frame at \(at), and no libzstd on this machine")
                return
            }
            if let inflated = zstd.decompressed(data, from: at, limit: Self.inflatedLimit) {
                search.data(inflated, at: "\(place)!zstd@\(at)", depth: depth + 1)
            } else {
                search.notChecked.append("\(place): something that looks like a zstd frame at \(at) does not open")
            }
        }
    }

    mutating func file(_ path: String) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            files += 1
            return note("\(path): cannot be opened")
        }
        file(handle, at: path)
    }

    private mutating func file(_ handle: FileHandle, at path: String) {
        files += 1
        defer { try? handle.close() }
        guard let size = try? handle.seekToEnd(), size <= Self.fileLimit, (try? handle.seek(toOffset: 0)) != nil,
            let data = try? handle.readToEnd() ?? Data()
        else {
            return note("\(path): cannot be read whole")
        }
        self.data(data, at: path)
    }

    /// What could not be looked into.
    mutating func note(_ text: String) { notChecked.append(text) }

    /// Takes over what another search found.
    mutating func add(_ other: CanarySearch) {
        found += other.found
        notChecked += other.notChecked
    }

    /// Every write of a trace, but to files whose names hold one of `without`.
    mutating func trace(_ path: String, without: [String]) {
        guard let trace = FileManager.default.contents(atPath: path) else {
            return note("\(path): the trace cannot be read")
        }
        var byTarget: [String: Data] = [:]
        for write in CanaryTrace.writes(in: trace) where !without.contains(where: { write.target.contains($0) }) {
            byTarget[write.target, default: Data()] += write.bytes
        }
        for (target, data) in byTarget.sorted(by: { $0.key < $1.key }) { self.data(data, at: "a write to \(target)") }
    }

    /// The files that a process has mapped to write to them.
    mutating func mappedFiles(of process: Int32) {
        guard let maps = FileManager.default.contents(atPath: "/proc/\(process)/maps") else {
            return note("/proc/\(process)/maps: may not be read by this user")
        }
        var seen: Set<Substring> = []
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard parts.count == 6, parts[1].hasPrefix("rw-s"), parts[5].hasPrefix("/"), seen.insert(parts[5]).inserted
            else { continue }
            liveFile("/proc/\(process)/map_files/\(parts[0])")
        }
    }

    /// Every file below a folder, and the names of all, but those that hold one of `without`.
    mutating func folder(_ folder: String, without: String...) {
        let manager = FileManager.default
        guard let all = manager.enumerator(atPath: folder) else {
            notChecked.append("\(folder): cannot be listed")
            return
        }
        for case let name as String in all {
            if without.contains(where: { name.contains($0) }) { continue }
            data(Data(name.utf8), at: "the name of \(folder)/\(name)", depth: 3)
            let path = folder + "/" + name
            if (try? manager.attributesOfItem(atPath: path)[.type]) as? FileAttributeType == .typeRegular { file(path) }
        }
    }

    /// The regular files that a process holds open, deleted ones too.
    mutating func openFiles(of process: Int32) {
        guard let all = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd") else {
            notChecked.append(
                "/proc/\(process)/fd: may not be listed by this user; run as root, or look at its folders")
            return
        }
        for descriptor in all.sorted() { liveFile("/proc/\(process)/fd/\(descriptor)") }
    }

    /// What a live process held when it was listed. It may be closed since, or lead to something else: what is opened here is
    /// what is judged and read. Files of /proc and /sys are the kernel's, written as they are read.
    private mutating func liveFile(_ path: String) {
        func isRegular(_ facts: stat) -> Bool { facts.st_mode & S_IFMT == S_IFREG }
        var facts = stat()
        // Looked at first: to open a device or a pipe could be felt by the process.
        guard unsafe stat(path, &facts) == 0, isRegular(facts) else { return }
        let file = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno != ENOENT, errno != ENXIO { note("\(path): cannot be opened") }
            return
        }
        let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(file)")) ?? ""
        guard unsafe fstat(file, &facts) == 0, isRegular(facts), !target.hasPrefix("/proc/"), !target.hasPrefix("/sys/")
        else {
            close(file)
            return
        }
        self.file(FileHandle(fileDescriptor: file, closeOnDealloc: false), at: path)
    }

    private mutating func frames(_ magic: [UInt8], in data: Data, _ body: (inout CanarySearch, Int) -> Void) {
        var from = 0
        while let at = Self.offset(of: magic, in: data, from: from) {
            body(&self, at)
            from = at + 1
        }
    }

    private static func offset(of bytes: [UInt8], in data: Data, from: Int) -> Int? {
        unsafe data.withUnsafeBytes { memory -> Int? in
            guard let base = memory.baseAddress, let first = bytes.first else { return nil }
            return unsafe bytes.withUnsafeBytes { word -> Int? in
                guard let start = word.baseAddress else { return nil }
                var at = from
                while at + word.count <= memory.count {
                    let room = memory.count - word.count - at + 1
                    guard let hit = unsafe memchr(base + at, Int32(first), room) else { return nil }
                    at = unsafe UnsafeRawPointer(hit) - base
                    if unsafe memcmp(base + at, start, word.count) == 0 { return at }
                    at += 1
                }
                return nil
            }
        }
    }

    private static func inflated(_ data: Data, from: Int) -> Data {
        var inflater = AuditInflater(.gzip)
        let packed = Array(data[(data.startIndex + from)..<min(data.endIndex, data.startIndex + from + inflatedLimit)])
        inflater.begin(packed, packed.count)
        var out = Data()
        while out.count < inflatedLimit, let piece = inflater.next() { out += piece }
        return out
    }
}

/// The system's libzstd, when it is there: it is not linked, because nothing else needs it.
@safe final class ZstdLibrary {
    private typealias FrameSize = @convention(c) (UnsafeRawPointer, Int) -> Int
    private typealias Decompress = @convention(c) (UnsafeMutableRawPointer, Int, UnsafeRawPointer, Int) -> Int
    private typealias IsError = @convention(c) (Int) -> UInt32
    private let frameSize: FrameSize
    private let decompress: Decompress
    private let isError: IsError

    init?() {
        guard let library = unsafe dlopen("libzstd.so.1", RTLD_NOW),
            let size = unsafe dlsym(library, "ZSTD_findFrameCompressedSize"),
            let decompress = unsafe dlsym(library, "ZSTD_decompress"), let error = unsafe dlsym(library, "ZSTD_isError")
        else { return nil }
        unsafe frameSize = unsafeBitCast(size, to: FrameSize.self)
        unsafe self.decompress = unsafeBitCast(decompress, to: Decompress.self)
        unsafe isError = unsafeBitCast(error, to: IsError.self)
    }

    /// `nil`: it is no frame, or larger than the limit.
    func decompressed(_ data: Data, from: Int, limit: Int) -> Data? {
        var out = [UInt8](repeating: 0, count: limit)
        let made = unsafe data.withUnsafeBytes { memory -> Int? in
            guard let base = memory.baseAddress else { return nil }
            let size = unsafe frameSize(base + from, memory.count - from)
            guard isError(size) == 0 else { return nil }
            let made = unsafe out.withUnsafeMutableBytes { room -> Int? in
                guard let to = room.baseAddress else { return nil }
                return unsafe decompress(to, room.count, base + from, size)
            }
            return made.flatMap { isError($0) == 0 ? $0 : nil }
        }
        return made.map { Data(out[..<$0]) }
    }
}
