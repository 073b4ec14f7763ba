import NIOCore
import Vocabulary

@testable import Wire

/// What arrives in pieces says the same however it is cut.
extension FuzzSubject {
    /// What `read` tells of bytes that come whole, in two pieces, and one by one.
    private static func compare(
        _ bytes: [UInt8], _ choice: UInt64, _ what: String, _ read: ([Range<Int>]) -> String
    ) throws(Finding) {
        let cut = Int(choice % UInt64(bytes.count + 1))
        let whole = read([0..<bytes.count])
        guard read([0..<cut, cut..<bytes.count]) == whole else { throw Finding("\(what) depends on a cut") }
        guard read(bytes.indices.map { $0..<$0 + 1 }) == whole else { throw Finding("\(what) depends on cuts") }
    }

    static func readForm(_ bytes: [UInt8], _ choice: UInt64) throws(Finding) {
        let type = Array("multipart/form-data; boundary=b".utf8)
        guard let boundary = MultipartBoundary(contentType: type.span) else { throw Finding("no boundary") }
        try compare(bytes, choice, "a form") { pieces in
            var scanner = MultipartScanner(boundary)
            do throws(RequestRejection) {
                for piece in pieces { try scanner.read(bytes.span.extracting(piece)) }
            } catch { return "\(error.code) \(error.member)" }
            let model = scanner.model.map { "\($0.range)" } ?? "-"
            let sizes = "\(scanner.textBytes) \(scanner.fileBytes) \(scanner.files) \(scanner.parts)"
            return "\(scanner.isComplete) \(model) \(sizes) \(scanner.isStreamed) \(scanner.samples ?? 0)"
        }
    }

    static func readFrames(_ bytes: [UInt8], _ choice: UInt64) throws(Finding) {
        for isFromClient in [true, false] {
            try compare(bytes, choice, "a frame") { pieces in
                var decoder = WebSocketDecoder(isFromClient: isFromClient, limit: 4096)
                var buffer = ByteBuffer()
                var told = ""
                do throws(WebSocketFault) {
                    for piece in pieces {
                        buffer.writeBytes(bytes[piece])
                        while let frame = try decoder.next(&buffer) {
                            told += "\(frame.opcode) \(frame.isFinal) \(Array(frame.payload.readableBytesView)) "
                        }
                    }
                } catch { return told + "\(error.code)" }
                return told
            }
        }
    }
}
