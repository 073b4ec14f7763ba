import Testing
import Vocabulary

@testable import Console

/// What is read and written, as values.
@Suite struct ValueTests {
    @Test(
        arguments: [
            ("a=1&b=2", ["a": "1", "b": "2"]), ("a=1&a=2", ["a": "1"]), ("a", ["a": ""]),
            ("a=%F0%9F%98%80+x", ["a": "😀 x"]),
            ("", [:]), ("a=b=c", ["a": "b=c"]), ("&&", [:]), ("a=%e2%80%ae", ["a": "\u{202e}"]),
        ] as [(String, [String: String])])
    func forms(_ text: String, _ members: [String: String]) throws {
        let form = try #require(Form(text.utf8))
        for (name, value) in members { #expect(form[name] == value && form.has(name)) }
        #expect(!form.has("nothing") && form["nothing"] == "")
    }

    @Test(arguments: ["a=%", "a=%f", "a=%zz", "a=%ff", "a=%00", "a=%c3%28"])
    func badFormsAreRefused(_ text: String) { #expect(Form(text.utf8) == nil) }

    @Test func largeFormsAreRefused() {
        #expect(Form(("a=" + String(repeating: "x", count: Form.longest)).utf8) == nil)
        #expect(Form(String(repeating: "a=1&", count: 101).utf8) == nil)
        #expect(Form(String(repeating: "a=1&", count: 100).utf8) != nil)
    }

    @Test func encodedValuesComeBack() throws {
        let text = "a&b=c d+é/?#%😀"
        #expect(try #require(Form(("x=" + Form.encoded(text)).utf8))["x"] == text)
    }

    @Test(arguments: [
        ("127.0.0.1:8401", true), ("localhost:8401", true), ("[::1]:8401", true), ("192.0.2.7", true),
        ("console.example", true), ("evil.example", false), ("console.example.evil.example", false),
        ("", false), ("localhost.evil.example", false), ("127.0.0.1.evil.example", false), ("1.2.3.4.5", false),
    ])
    func hosts(_ host: String, _ isOurs: Bool) {
        #expect(OriginCheck(publicAddress: "https://console.example").isOurs(host: host) == isOurs, "\(host)")
    }

    @Test func withoutAnAddressOnlyThisMachineIsOurs() {
        #expect(!OriginCheck(publicAddress: "").isOurs(host: "console.example"))
        #expect(OriginCheck(publicAddress: "").isOurs(host: "127.0.0.1"))
    }

    @Test(
        arguments: [
            ("http://127.0.0.1:8401", "same-origin", true), ("http://127.0.0.1:8401", nil, true),
            (nil, "same-origin", true), (nil, nil, false), ("http://127.0.0.1:9999", "same-origin", false),
            ("http://127.0.0.1:8401", "cross-site", false), ("http://127.0.0.1:8401", "same-site", false),
            (nil, "none", false), ("null", "same-origin", false), ("https://evil.example", nil, false),
            ("https://console.example", "same-origin", true),
        ] as [(String?, String?, Bool)])
    func origins(_ origin: String?, _ site: String?, _ isSame: Bool) {
        let check = OriginCheck(publicAddress: "https://console.example")
        #expect(check.isSameOrigin(host: "127.0.0.1:8401", origin: origin, fetchSite: site) == isSame)
    }

    @Test(arguments: [
        ("/keys", "/keys"), ("/", "/"), ("", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("https://evil.example", "/"), ("/\t/evil", "/"), ("javascript:alert(1)", "/"), ("/a\r\nset-cookie: x", "/"),
        ("/requests?key=1", "/requests?key=1"), ("/%2f%2fevil", "/%2f%2fevil"), ("/é", "/"),
    ])
    func nextPathsStayHere(_ text: String, _ path: String) { #expect(OriginCheck.path(text) == path) }

    @Test(
        arguments: [
            ("10", 10_000_000_000), ("0.5", 500_000_000), ("0,50", 500_000_000), ("$ 3", 3_000_000_000),
            ("0.000000001", 1), ("", nil), ("-1", nil), ("1.2.3", nil), ("1e3", nil), ("ten", nil), (".", nil),
            ("0.0000000001", nil), ("9999999999", nil), ("1.", nil), ("1 000", 1_000_000_000_000),
        ] as [(String, Int64?)])
    func amounts(_ text: String, _ nano: Int64?) { #expect(Amount.read(text)?.value == nano, "\(text)") }

    @Test(arguments: [
        ("plain", "plain"), ("=1+1", "'=1+1"), ("+49", "+49"), ("-5", "-5"), ("-5a", "'-5a"), ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
    ])
    func cells(_ text: String, _ cell: String) { #expect(CSVTable.cell(text) == cell) }

    @Test(
        arguments: [(0, 0), (1, 1), (2, 2), (3, 4), (9, 10), (10, 10), (11, 20), (41, 80), (99, 100)]
            as [(Int64, Int64)])
    func scales(_ value: Int64, _ top: Int64) { #expect(Chart.roundedUp(value) == top) }

    @Test func spansEndAfterNow() {
        let now = Moment(microseconds: 1_700_000_000_000_000)
        for (text, days, count) in [
            ("1", 1, 24), ("7", 7, 7), ("30", 30, 30), ("90", 90, 90), ("365", 365, 73), ("x", 30, 30), ("-1", 30, 30),
        ] {
            let range = UsageRange(text, at: now)
            #expect(range.days == Int64(days) && range.buckets.count == count, "\(text)")
            #expect(range.until > now && range.since < now && range.before.until == range.since)
            #expect(range.buckets.indices.allSatisfy { range.place(of: range.buckets[$0]) == $0 })
            #expect(range.place(of: Moment(microseconds: range.until.microseconds - 1)) == count - 1)
        }
    }

    @Test func exactAmounts() {
        #expect(NanoUSD(1_840_000).exact == "0.001840000 USD")
        #expect(NanoUSD(-412_080_000_000).exact == "-412.080000000 USD")
        #expect(Moment(microseconds: 1_700_000_000_000_000).iso == "2023-11-14T22:13:20Z")
    }

    /// The parts of a QR code that do not depend on what it says.
    @Test func squareCodes() throws {
        let code = try #require(SquareCode(Array("otpauth://totp/Tacet:a@b.c?secret=ABC".utf8)))
        #expect(code.size == 29)
        for (x, y) in [(0, 0), (22, 0), (0, 22)] {
            let rows = (0..<7).map { dy in (0..<7).map { code.dark[y + dy][x + $0] ? "#" : "." }.joined() }
            #expect(rows == ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"])
        }
        #expect(SquareCode([UInt8](repeating: 65, count: 413)) == nil)
        #expect(SquareCode([UInt8](repeating: 65, count: 412)) != nil)
    }
}
