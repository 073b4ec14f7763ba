import Foundation

/// The rows of the recorded exchanges, a JSON object each, not yet parsed.
/// - Parameter folder: the shared folder.
func recordedLines(_ folder: String) throws -> [Data] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/gzip")
    process.arguments = ["-dc", folder + "/replay/exchanges.jsonl.gz"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    return pipe.fileHandleForReading.readDataToEndOfFile().split(separator: 0x0a)
}
