import HTTPTypes
import Records
import Synchronization
import Testing
import Vocabulary

@testable import Console

/// What is counted of visits, and what is folded away.
@Suite struct VisitTests {
    private func day(_ opened: [(String, String, Int)]) -> [SiteVisits] {
        var day = DayOfVisits(Moment(microseconds: 0))
        for (path, referrer, count) in opened { for _ in 0..<count { day.count(path, from: referrer) } }
        return day.rows.sorted { ($0.path, $0.referrer) < ($1.path, $1.referrer) }
    }

    @Test func cellsUnderFiveAreFolded() {
        #expect(day([("/a", "x", 5)]) == [SiteVisits(path: "/a", referrer: "x", visits: 5)])
        #expect(day([("/a", "x", 4)]).isEmpty)
        #expect(
            day([("/a", "x", 4), ("/a", "y", 3), ("/a", "", 9)]) == [
                SiteVisits(path: "/a", referrer: "", visits: 9), SiteVisits(path: "/a", referrer: "other", visits: 7),
            ])
        #expect(
            day([("/a", "x", 4), ("/b", "y", 3)]) == [SiteVisits(path: "other", referrer: "other", visits: 7)])
    }

    /// No day keeps a cell of fewer than five, and none invents a visit.
    @Test func nothingSmallIsEverKept() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let opened = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                (
                    ["/a", "/b", "/c"].randomElement(using: &random) ?? "/a",
                    ["", "x", "y", "other"].randomElement(using: &random) ?? "", Int.random(in: 0...9, using: &random)
                )
            }
            let rows = day(opened)
            #expect(rows.allSatisfy { $0.visits >= 5 })
            #expect(rows.reduce(0) { $0 + $1.visits } <= Int64(opened.reduce(0) { $0 + $1.2 }))
        }
    }

    @Test func referrersAreBounded() {
        var day = DayOfVisits(Moment(microseconds: 0))
        for number in 0..<(3 * DayOfVisits.most) { day.count("/", from: "host\(number)") }
        #expect(day.rows == [SiteVisits(path: "/", referrer: "other", visits: Int64(3 * DayOfVisits.most))])
    }

    @Test(
        arguments: [
            ("", ""), ("https://news.example/item?id=5#x", "news.example"),
            ("http://News.Example:8080/", "news.example"),
            ("https://console.example/keys", ""), ("https://console.example", ""), ("news.example/a", ""),
            ("https://", ""), ("https://user@news.example/", "other"), ("https://näws.example/", "other"),
            ("https://" + String(repeating: "a", count: 97), "other"), ("https://<script>", "other"),
        ])
    func hosts(_ referrer: String, _ host: String) {
        #expect(VisitCounter.host(of: referrer, ours: "console.example") == host)
    }

    /// A day is written when it is over, without those who object; the one that runs is not.
    @Test func aDayIsWrittenWhenItIsOver() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger(DataDirectory(folder.path + "/data"))
        let start: Int64 = 1_700_006_400_000_000
        let clock = Mutex(Moment(microseconds: start))
        let counter = VisitCounter(ledger, now: { clock.withLock { $0 } })
        func open(_ path: String, _ fields: [(String, String)], times: Int) throws {
            var request = HTTPRequest(method: .get, scheme: "http", authority: "localhost:8401", path: path)
            for (name, value) in fields { request.headerFields[try #require(HTTPField.Name(name))] = value }
            for _ in 0..<times { counter.count(path, request) }
        }
        try open("/a", [("referer", "https://news.example/item?id=1")], times: 6)
        try open("/a", [("referer", "http://localhost:8401/b")], times: 5)
        try open("/a", [("sec-gpc", "1")], times: 50)
        try open("/a", [("dnt", "1")], times: 50)
        #expect(try counter.read(since: Moment(microseconds: 0)).isEmpty)
        clock.withLock { $0 = Moment(microseconds: start + 86_400_000_000) }
        try open("/later", [], times: 9)
        #expect(
            try counter.read(since: Moment(microseconds: 0)) == [
                SiteVisits(path: "/a", referrer: "news.example", visits: 6),
                SiteVisits(path: "/a", referrer: "", visits: 5),
            ])
        #expect(try counter.read(since: Moment(microseconds: start + 1)).isEmpty)
        #expect(try UsageStore(ledger).expire(at: Moment(microseconds: start + 400 * 86_400_000_000), months: 12) > 0)
        #expect(try counter.read(since: Moment(microseconds: 0)).isEmpty)
        withExtendedLifetime(folder) {}
    }
}
