import NIOCore
import Synchronization
import Vocabulary
import Wire

/// Looks over a stream as it leaves, where the operator asked for it. A violation is told and counted, with the rule and
/// without a word; the stream goes on as it is.
struct StreamWatch: Sendable {
    let origin: StreamValidator.Origin
    private var validator: StreamValidator

    /// - Parameters:
    ///   - client: the dialect the stream is in.
    ///   - provider: the dialect it came in.
    init(to client: Dialect, from provider: Dialect, array: Bool) {
        origin = client == provider ? .passed : .written
        validator = StreamValidator(client, origin, array: array)
    }

    /// Takes what `part` holds from `start` on. The bytes are copied: the part is written on in place.
    mutating func take(_ part: ByteBuffer, from start: Int, isEnd: Bool) -> StreamViolation? {
        do throws(StreamViolation) {
            if let bytes = part.getBytes(at: start, length: part.writerIndex - start), !bytes.isEmpty {
                try validator.take(ByteBuffer(bytes: bytes))
            }
            if isEnd { try validator.finish() }
            return nil
        } catch { return error }
    }
}

extension Exchange {
    /// What was written to `part` from `start` on.
    func verify(from start: Int, isEnd: Bool = false) {
        guard let rule = watch?.take(part, from: start, isEnd: isEnd), let watch else { return }
        self.watch = nil
        loop.shared.counters.streamViolations.add(1, ordering: .relaxed)
        loop.shared.doors.log.record(
            .streamViolation(
                id: id, dialect: receipt.dialect, rule: rule, isOurs: watch.origin == .written,
                deployment: receipt.deployment))
    }
}
