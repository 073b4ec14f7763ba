import NIOCore
import Planning
import Vocabulary

/// How a stream came: where each of its pieces ends, and when it came after the first.
struct Pace: Sendable {
    struct Step: Sendable {
        var end: Int
        var milliseconds: Int64
    }

    /// Pieces after so many count to the last.
    private static let most = 1024

    private(set) var steps: [Step] = []
    private var beganAt: Instant?

    mutating func add(upTo end: Int, at now: Instant) {
        let began = beganAt ?? now
        beganAt = began
        let step = Step(end: end, milliseconds: (now - began) / 1000)
        if steps.count < Self.most { steps.append(step) } else { steps[Self.most - 1] = step }
    }
}

/// A kept stream that comes again as it came.
struct Replaying {
    let bytes: ByteBuffer
    let pace: Pace
    let beganAt: Instant
    var sent = 0
    var next = 0
    var timer: Scheduled<Void>?
}

extension Exchange {
    /// Notes what the client is sent of a stream.
    func record(from start: Int) {
        guard sharing?.recording != nil, let piece = part.getSlice(at: start, length: part.writerIndex - start) else {
            return
        }
        if sharing!.recording!.readableBytes + piece.readableBytes > Self.keptAnswer || !draw(piece.readableBytes) {
            sharing!.recording = nil
        } else {
            sharing!.recording!.writeImmutableBuffer(piece)
            guard serving.routing.cache.isPaced, piece.readableBytes > 0 else { return }
            sharing!.pace.add(upTo: sharing!.recording!.readableBytes, at: Clock.instant())
        }
    }

    /// Sends what is due of a replay, and waits for the next piece.
    func sendPaced() {
        guard let client, var replay = replaying else { return }
        let steps = replay.pace.steps
        let elapsed = (Clock.instant() - replay.beganAt) / 1000
        while replay.next < steps.count, steps[replay.next].milliseconds <= elapsed { replay.next += 1 }
        let isLast = replay.next == steps.count
        let end = isLast ? replay.bytes.readableBytes : steps[max(0, replay.next - 1)].end
        if end > replay.sent || isLast { client.prepare(&part) }
        if let piece = replay.bytes.getSlice(at: replay.bytes.readerIndex + replay.sent, length: end - replay.sent) {
            part.writeImmutableBuffer(piece)
        }
        guard isLast else {
            if end > replay.sent {
                client.send(part: &part)
                client.flush()
            }
            replay.sent = end
            let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
            let wait = steps[replay.next].milliseconds - elapsed
            replay.timer = loop.eventLoop.scheduleTask(in: .milliseconds(wait)) { bound.value.sendPaced() }
            replaying = replay
            return
        }
        var last = part
        part = ByteBuffer()
        replaying = nil
        close()
        client.send(part: &last)
        client.end()
        client.flush()
    }

    /// The client has gone, or may have no more: what it was not sent is told by the receipt.
    func stopReplay(_ code: ErrorCode) {
        guard let client else { return }
        replaying?.timer?.cancel()
        replaying = nil
        receipt.completion = .cut
        receipt.error = code
        close()
        if code != .clientGone { client.abort() }
    }
}
