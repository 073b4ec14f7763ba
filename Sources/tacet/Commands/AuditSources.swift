import CDispatch
import Foundation
import Glibc

/// The files an audit was given, folders opened.
struct AuditSources {
    private(set) var paths: [String] = []
    private(set) var bytes: Int64 = 0

    /// One for a single plain file; more when repeats over files are possible.
    var count: Int { paths.count == 1 && Self.isArchive(paths[0]) ? 2 : paths.count }

    init(_ names: [String]) throws(Failure) {
        for name in names {
            if name == "-" {
                paths.append(name)
                continue
            }
            var isFolder: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: name, isDirectory: &isFolder) else {
                throw Failure(text: "There is no file or folder \(name).", code: 2)
            }
            if isFolder.boolValue {
                add(folder: name)
            } else {
                let size = try? FileManager.default.attributesOfItem(atPath: name)[.size] as? Int64
                add(file: name, size: size ?? 0)
            }
        }
    }

    /// Every plain file below a folder, in the order of their paths. Links are not followed.
    private mutating func add(folder: String) {
        var found: [(path: String, size: Int64)] = []
        var folders = [folder]
        while let folder = folders.popLast() {
            guard let stream = unsafe opendir(folder) else { continue }
            defer { unsafe closedir(stream) }
            while let entry = unsafe readdir(stream) {
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                    unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let path = folder + "/" + name
                var facts = stat()
                guard unsafe lstat(path, &facts) == 0 else { continue }
                switch facts.st_mode & S_IFMT {
                case S_IFDIR: folders.append(path)
                case S_IFREG: found.append((path, Int64(facts.st_size)))
                default: break
                }
            }
        }
        for file in found.sorted(by: { $0.path < $1.path }) { add(file: file.path, size: file.size) }
    }

    private mutating func add(file: String, size: Int64) {
        paths.append(file)
        bytes += size
    }

    private static func isArchive(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        return (try? file.read(upToCount: 4)) == Data([0x50, 0x4b, 3, 4])
    }
}
