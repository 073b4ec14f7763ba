import Accounts
import Foundation
import Records
import Synchronization
import Vocabulary

/// Which users of the machine a server obeys (AN-19): those that `operators` names, or everybody who reaches its socket where
/// it names nobody; and for a quarter of an hour who broke the glass.
final class OperatorGate: Sendable {
    let named: Set<String>
    private let state = Mutex(State())

    private struct State {
        /// Until when.
        var open: [OperatorUser: Moment] = [:]
        var noted: [OperatorUser: Moment] = [:]
    }

    static let openTime: Int64 = 15 * 60 * 1_000_000
    private static let hour: Int64 = 3600 * 1_000_000

    init(named: [String]) { self.named = Set(named) }

    func admits(_ user: OperatorUser?, at now: Moment) -> Bool {
        guard !named.isEmpty else { return true }
        guard let user else { return false }
        return named.contains(user.name) || state.withLock { $0.open[user] ?? now } > now
    }

    /// - Returns: until when every verb is open to the user.
    func breakGlass(for user: OperatorUser, at now: Moment) -> Moment {
        let end = Moment(microseconds: now.microseconds + Self.openTime)
        state.withLock { $0.open[user] = end }
        return end
    }

    /// Whether an access is to be written down: of each user one in an hour, so that nobody fills the log.
    func notes(_ user: OperatorUser?, at now: Moment) -> Bool {
        guard !named.isEmpty, let user else { return false }
        return state.withLock { state in
            if let last = state.noted[user], now.microseconds - last.microseconds < Self.hour { return false }
            state.noted[user] = now
            return true
        }
    }
}

extension Desk {
    /// The entry of who used a verb: a keyed digest, which only a list of the system's users can be held against.
    func by(_ user: OperatorUser?) -> [AuditEntry.Field] {
        user.map { [AuditEntry.Field(.by, digest: digest(ofUser: $0.name))] } ?? []
    }

    private func digest(ofUser name: String) -> [UInt8] {
        AuditedAct(action: .access, fields: [(.by, name)]).digested(keys.hasher).first?.digest ?? []
    }

    /// Lets a verb go on, or answers why it may not; writes accesses, refusals and a broken glass down.
    /// - Returns: `nil` when it may.
    func admit(_ request: DeskRequest, by user: OperatorUser?) throws(StorageFault) -> DeskReply? {
        guard let gate else {
            if case .breakGlass = request { return .failed("No server runs here: nothing is closed.") }
            return nil
        }
        let now = Moment.now
        if case .breakGlass = request {
            guard let user, !gate.named.isEmpty else {
                return .failed("`operators` names nobody: every user who reaches the socket is obeyed.")
            }
            try record(AuditedAct(action: .glassBreak), .begun, by: user)
            let end = gate.breakGlass(for: user, at: now)
            return DeskReply(lines: [JSONLine.of(GlassLine(user: user.name, until: end.text))])
        }
        guard gate.admits(user, at: now) else {
            if gate.notes(user, at: now) { try record(AuditedAct(action: .accessRefuse), .failed, by: user) }
            return .failed(
                "\(user?.name ?? "This user") is none of `operators`. In an emergency: tacet break-glass. It opens every verb "
                    + "for 15 minutes, and stands in the audit log.")
        }
        if gate.notes(user, at: now) { try record(AuditedAct(action: .access), .begun, by: user) }
        return nil
    }

    /// The names behind the digests of operators: of those that `operators` names, and of the system's accounts.
    func operatorNames() -> [[UInt8]: String] {
        let accounts = (try? String(contentsOfFile: "/etc/passwd", encoding: .utf8)) ?? ""
        let known = accounts.split(separator: "\n").compactMap { $0.split(separator: ":").first.map(String.init) }
        return Dictionary(
            (known + Array(gate?.named ?? []) + [OperatorUser.own.name]).map { (digest(ofUser: $0), $0) },
            uniquingKeysWith: { first, _ in first })
    }
}

/// What `break-glass --json` prints.
struct GlassLine: Codable {
    var user: String
    var until: String
}
