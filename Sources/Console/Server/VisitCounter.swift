import HTTPTypes
public import Records
import Synchronization
public import Vocabulary

/// Counts of the day that runs, by path and referrer: a value that is told what was opened. No cookie, address or agent comes
/// in, so none can come out.
struct DayOfVisits {
    static let least: Int64 = 5
    static let other = "other"
    /// Referrers are the world's to make up: above it they are one.
    static let most = 2_000
    private(set) var day: Moment
    private var counts: [SiteVisits: Int64] = [:]

    init(_ day: Moment) { self.day = day }

    mutating func count(_ path: String, from referrer: String) {
        var cell = SiteVisits(path: path, referrer: referrer, visits: 0)
        if counts[cell] == nil, counts.count >= Self.most { cell.referrer = Self.other }
        counts[cell, default: 0] += 1
    }

    /// What may be kept of the day: what fewer than five opened becomes `other`, of its path and then of all, and what is
    /// still fewer is forgotten.
    var rows: [SiteVisits] {
        var sums = Self.folded(counts) { SiteVisits(path: $0.path, referrer: Self.other, visits: 0) }
        sums = Self.folded(sums) { _ in SiteVisits(path: Self.other, referrer: Self.other, visits: 0) }
        return sums.filter { $0.value >= Self.least }.map { cell, visits in
            SiteVisits(path: cell.path, referrer: cell.referrer, visits: visits)
        }
    }

    private static func folded(
        _ counts: [SiteVisits: Int64], into wider: (SiteVisits) -> SiteVisits
    ) -> [SiteVisits: Int64] {
        var sums: [SiteVisits: Int64] = [:]
        for (cell, visits) in counts { sums[visits < least ? wider(cell) : cell, default: 0] += visits }
        return sums
    }
}

/// Counts visits where the operator asked for it (CONTROL 3.4). The day that runs is in memory alone, and ends with the
/// process; a day that is over is written, folded.
public final class VisitCounter: Sendable {
    private let store: VisitStore
    private let day: Mutex<DayOfVisits>
    private let now: @Sendable () -> Moment

    public init(_ ledger: Ledger, now: @escaping @Sendable () -> Moment) {
        store = VisitStore(ledger)
        self.now = now
        day = Mutex(DayOfVisits(Self.beginning(of: now())))
    }

    /// Counts a page, unless the browser says that it wants no such thing (GPC, DNT).
    func count(_ path: String, _ request: HTTPRequest) {
        for name in ["sec-gpc", "dnt"] {
            if let name = HTTPField.Name(name), request.headerFields[name] == "1" { return }
        }
        let name = HTTPField.Name("referer").flatMap { request.headerFields[$0] } ?? ""
        let referrer = Self.host(of: name, ours: request.authority ?? "")
        close()
        day.withLock { $0.count(path, from: referrer) }
    }

    /// The sums since a moment, of days that are over.
    func read(since: Moment) throws(StorageFault) -> [SiteVisits] {
        close()
        return try store.read(since: since)
    }

    /// Writes the day when it is over.
    private func close() {
        let today = Self.beginning(of: now())
        let over = day.withLock { day -> DayOfVisits? in
            guard day.day < today else { return nil }
            defer { day = DayOfVisits(today) }
            return day
        }
        if let over { try? store.add(over.rows, of: over.day) }
    }

    private static func beginning(of now: Moment) -> Moment {
        Moment(microseconds: now.microseconds / 86_400_000_000 * 86_400_000_000)
    }

    /// The host of another site; empty for none and for ourselves, `other` for what is no host's name.
    static func host(of referrer: String, ours: String) -> String {
        guard let scheme = referrer.firstRange(of: "://") else { return "" }
        let host = referrer[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
        if host.isEmpty || host == ours.lowercased() { return "" }
        let name = host.prefix { $0 != ":" }
        let isName = name.utf8.allSatisfy { byte in
            (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x2e
        }
        return isName && (1...96).contains(name.utf8.count) ? String(name) : DayOfVisits.other
    }
}
