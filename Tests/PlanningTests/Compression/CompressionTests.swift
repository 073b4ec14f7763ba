import NIOCore
import Testing
import Vocabulary
import Wire

@testable import Planning

struct CompressionTests {
    private func compressed(_ text: String, _ mode: CompressionMode = .lossless) -> String {
        let block = ByteBuffer(string: text)
        return String(buffer: Compression.compress(block, mode) ?? block)
    }

    private func restored(_ text: String) -> String? {
        Compression.restore(ByteBuffer(string: text)).map { String(buffer: $0) }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var becomes: String
        /// What restoring gives; the text itself when not said.
        var restores: String?
    }

    static let cases: [Case] = [
        Case(
            testDescription: "white space", text: "{ \"a\" : [ 1 , 2.50 ],\n\t\"b\": null }",
            becomes: #"{"a":[1,2.50],"b":null}"#),
        Case(
            testDescription: "needless escapes", text: #"["\u00e9\/\u0041","\ud83d\ude00","\u0022\u005c\u000a\u0001"]"#,
            becomes: #"["é/A","😀","\"\\\n\u0001"]"#),
        Case(
            testDescription: "a list of like objects",
            text:
                #"[{"identifier":1,"description":"x"},{"identifier":2,"description":"y"},{"identifier":3,"description":"z"}]"#,
            becomes: #"{"$cols":["identifier","description"],"$rows":[[1,"x"],[2,"y"],[3,"z"]]}"#),
        Case(
            testDescription: "objects inside of rows",
            text:
                #"[{"identifier":1,"price":{"amount":5,"currency":"EUR"}},{"identifier":2,"price":{"amount":7,"currency":"USD"}}]"#,
            becomes: #"{"$cols":["identifier",["price","amount","currency"]],"$rows":[[1,5,"EUR"],[2,7,"USD"]]}"#),
        Case(
            testDescription: "an object of like objects",
            text:
                #"{"a1":{"identifier":1,"description":"x"},"a2":{"identifier":2,"description":"y"},"a3":{"identifier":2,"description":"y"}}"#,
            becomes: #"{"$map":["identifier","description"],"$rows":[["a1",1,"x"],["a2",2,"y"],["a3",2,"y"]]}"#),
        Case(testDescription: "too small for a table", text: #"[{"a":1},{"a":2}]"#, becomes: #"[{"a":1},{"a":2}]"#),
        Case(
            testDescription: "unlike objects", text: #"[{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":1},{"b":2}]"#,
            becomes: #"[{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":1},{"b":2}]"#),
        Case(
            testDescription: "a member called as a marker", text: #"{"$cols":[1],"$rows":[]}"#,
            becomes: #"{"$cols$":[1],"$rows":[]}"#),
        Case(
            testDescription: "a member called as an escaped marker", text: #"{"$map$$":1}"#, becomes: #"{"$map$$$":1}"#),
        Case(testDescription: "not JSON", text: "{\"a\": 1", becomes: "{\"a\": 1"),
        Case(testDescription: "colours", text: "\u{1b}[31mred\u{1b}[0m  \nplain\t\n", becomes: "red\nplain\n"),
        Case(testDescription: "a title", text: "\u{1b}]0;title\u{7}text", becomes: "text"),
        Case(testDescription: "a progress bar", text: " 10%\r 50%\r100%\ndone", becomes: "100%\ndone"),
        Case(testDescription: "a line written over in part", text: "abcdef\rxy", becomes: "abcdef\rxy"),
        Case(testDescription: "line ends of another system", text: "one\r\ntwo\r\n", becomes: "one\ntwo\n"),
        Case(
            testDescription: "equal lines", text: "a\n" + String(repeating: "waiting for the lock\n", count: 9) + "b",
            becomes: "a\nwaiting for the lock\n[×9]\nb"),
        Case(testDescription: "a line like a count", text: "x\n[×12]\n[××3]", becomes: "x\n[××12]\n[×××3]"),
        Case(
            testDescription: "lines that stand there again",
            text: "at main (app.swift:1)\nat work (app.swift:20)\nat rest (app.swift:31)\nx\n"
                + "at main (app.swift:1)\nat work (app.swift:20)\nat rest (app.swift:31)\nx\ny",
            becomes: "at main (app.swift:1)\nat work (app.swift:20)\nat rest (app.swift:31)\nx\n"
                + "at main (app.swift:1)\n[+3 as above]\ny"),
        Case(
            testDescription: "a line like a reference", text: "x\n[+3 as above]\n[++4 as above]\n[+ as above]",
            becomes: "x\n[++3 as above]\n[+++4 as above]\n[+ as above]"),
        Case(
            testDescription: "code that stands there again",
            text: "one long line of words\n```\na long line of code\nanother line of code\n```\n"
                + "one long line of words\n```\na long line of code\nanother line of code\n```",
            becomes: "one long line of words\n```\na long line of code\nanother line of code\n```\n"
                + "one long line of words\n```\na long line of code\nanother line of code\n```"),
        Case(
            testDescription: "code", text: "```\nx  \nx  \nx  \nx  \n\u{1b}[1m\n```\nend   ",
            becomes: "```\nx  \nx  \nx  \nx  \n\u{1b}[1m\n```\nend"),
        Case(testDescription: "marked", text: "{ \"tacet:keep\": 1 }", becomes: "{ \"tacet:keep\": 1 }"),
        Case(testDescription: "JSON in colours", text: "\u{1b}[1m{ \"a\": 1 }\u{1b}[0m", becomes: #"{"a":1}"#),
        Case(testDescription: "nothing", text: "", becomes: ""),
    ]

    @Test(arguments: cases) func lossless(of one: Case) {
        let out = compressed(one.text)
        #expect(out == one.becomes)
        #expect(compressed(one.text) == out)
        #expect(compressed(one.text, .off) == one.text)
    }

    @Test(arguments: [
        #"[{"identifier":1,"description":"x","k":{"$cols":1}},{"identifier":2,"description":"y","k":{"$cols":2}}]"#,
        #"{"$cols":["a"],"$rows":[[1]]}"#, #"{"$map$":[],"x":{}}"#, "x\n[×12]\n[××3]\n[×12]\n[×12]",
        "[×3]\n[×3]\n[×3]\n[×3]\n[×3]\n[×3]\n[×3]\n[×3]", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "a\na\na\na\na\na\na\na\n",
        #"[[{"longer name":[]},{"longer name":{}}],{},[],""]"#,
    ])
    func restoring(text: String) { #expect(restored(compressed(text)) == text) }

    /// Random values with like objects, odd names and every kind of escape: restoring gives the value back, byte for byte.
    @Test func everyValueComesBack() {
        var dice = Dice(state: 7)
        var tables = 0
        for _ in 0..<800 {
            var text = ""
            Self.value(&text, &dice, depth: 0)
            guard text.hasPrefix("{") || text.hasPrefix("[") else { continue }
            let out = compressed(text)
            if out.contains(#""$rows":[["#) { tables += 1 }
            #expect(out.utf8.count <= text.utf8.count + 16)
            #expect(restored(out) == text)
        }
        #expect(tables > 80)
    }

    /// Random lines, some equal, some like counts, some in fences.
    @Test func everyLineComesBack() {
        var dice = Dice(state: 11)
        var references = 0
        let lines = [
            "", "a", "some longer line", "[×3]", "[××17]", "[×]", "```", "~~~~", "  ```swift", "é [×2]",
            "[+3 as above]",
            "[++9 as above]", "[+ as above]", "a line that is long enough to be worth a reference",
        ]
        for _ in 0..<800 {
            var text: [String] = []
            for _ in 0..<Int(dice.next() % 12) {
                let line = lines[Int(dice.next() % UInt64(lines.count))]
                text += Array(repeating: line, count: Int(dice.next() % 5) * Int(dice.next() % 3) + 1)
            }
            // Parts of it once more.
            for _ in 0..<Int(dice.next() % 4) where !text.isEmpty {
                let start = Int(dice.next() % UInt64(text.count))
                text += text[start..<min(text.count, start + Int(dice.next() % 9))]
            }
            let whole = text.joined(separator: "\n")
            let out = compressed(whole)
            if out.contains("\n[+") { references += 1 }
            #expect(restored(out) == whole)
        }
        #expect(references > 80)
    }

    @Test(arguments: [
        #"{"$cols":["a"],"$rows":[[1,2]]}"#, #"{"$cols":["a"],"$rows":[1]}"#, #"{"$cols":1,"$rows":[]}"#,
        #"{"$cols":["a"],"rows":[[1]]}"#, #"{"$map":["a"],"$rows":[[1,2]]}"#, #"{"$cols":["a"],"$rows":[],"x":1}"#,
        #"{"$cols":[[]],"$rows":[[1]]}"#, "[×3]", "a\n[×99999999999999999999]",
        "a long line\n[×9999999]", "[+1 as above]", "a\n[+1 as above]",
        "a\na\n[+99999999 as above]",
    ])
    func foreignTablesAreRefused(text: String) { #expect(restored(text) == nil) }

    /// Any bytes: never a crash, never longer by more than the escapes, the same twice.
    @Test func hostileBytes() {
        var dice = Dice(state: 3)
        let alphabet = Array("[]{}\",:\\u0$cols×[+9 as above]\n\r\u{1b}` 1e-".utf8)
        for _ in 0..<1000 {
            let bytes = (0..<Int(dice.next() % 40)).map { _ in
                dice.next() % 20 == 0 ? UInt8(dice.next() & 0xff) : alphabet[Int(dice.next() % UInt64(alphabet.count))]
            }
            let block = ByteBuffer(bytes: bytes)
            for mode in CompressionMode.allCases {
                let out = Compression.compress(block, mode)
                #expect(out == Compression.compress(block, mode))
            }
            _ = Compression.restore(block)
        }
    }

    @Test func depth() {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(compressed(deep) == deep)
        let tooDeep = "[ " + deep + "]"
        #expect(compressed(tooDeep) == tooDeep)
        // Tables inside of tables stay within what restoring can read.
        var text = #"{"identifier":1,"description":"x"}"#
        for _ in 0..<30 { text = "[\(text),\(text)]".utf8.count > 200_000 ? "[\(text)]" : "[\(text),\(text)]" }
        #expect(restored(compressed(text)) == text)
    }

    // MARK: Lossy modes

    @Test func theMiddleIsLeftOut() {
        let lines = (0..<1000).map { $0 == 500 ? "line 500: ERROR here" : "line \($0)" }.joined(separator: "\n")
        let out = compressed(lines, .strong).split(separator: "\n")
        #expect(out.count == 30 + 1 + 1 + 1 + 30)
        #expect(out[30] == "[… 470 lines left out]")
        #expect(out[31] == "line 500: ERROR here")
        #expect(out[32] == "[… 469 lines left out]")
        #expect(compressed(lines) == lines)
        let code = (["```"] + (0..<1000).map { "line \($0)" } + ["```"]).joined(separator: "\n")
        #expect(compressed(code, .strong) == code)
    }

    @Test func longListsAndStringsOfJSON() {
        let list = "[" + (0..<500).map { "\($0)" }.joined(separator: ",") + "]"
        let out = compressed(list, .balanced)
        #expect(out.hasPrefix("[0,1,2,") && out.hasSuffix(",498,499]"))
        #expect(out.contains(#",89,"[… 350 left out]",440,"#))
        let text = #"["\#(String(repeating: #"é\n"#, count: 1000))"]"#
        let short = compressed(text, .strong)
        #expect(short.utf8.count < 1700 && short.contains(" bytes left out]"))
        #expect((try? JSONCursor.validate(Array(short.utf8).span)) == .array)
    }

    // MARK: Random JSON

    private static func value(_ out: inout String, _ dice: inout Dice, depth: Int) {
        switch dice.next() % (depth > 5 ? 4 : 8) {
        case 0: out += ["null", "true", "-0", "1e400", "12345678901234567890.50"][Int(dice.next() % 5)]
        case 1, 2, 3: string(&out, &dice)
        case 4, 5: list(&out, &dice, depth: depth)
        default: object(&out, &dice, names: names(&dice), depth: depth)
        }
    }

    private static func list(_ out: inout String, _ dice: inout Dice, depth: Int) {
        let alike = dice.next() % 2 == 0
        let shared = names(&dice)
        let named = dice.next() % 2 == 0
        out += named ? "{" : "["
        for index in 0..<Int(dice.next() % 6) {
            if index > 0 { out += "," }
            if named { out += "\"row \(index)\":" }
            if alike {
                object(&out, &dice, names: shared, depth: depth + 1)
            } else {
                value(&out, &dice, depth: depth + 1)
            }
        }
        out += named ? "}" : "]"
    }

    private static func names(_ dice: inout Dice) -> [String] {
        let all = ["$cols", "$map", "$rows", "$cols$", "identifier", "description", "é", #"\""#, "", "a longer name"]
        return (0..<Int(dice.next() % 5)).map { _ in all[Int(dice.next() % UInt64(all.count))] }
    }

    private static func object(_ out: inout String, _ dice: inout Dice, names: [String], depth: Int) {
        out += "{"
        for (index, name) in names.enumerated() {
            if index > 0 { out += "," }
            out += "\"\(name)\":"
            value(&out, &dice, depth: depth + 1)
        }
        out += "}"
    }

    private static func string(_ out: inout String, _ dice: inout Dice) {
        let parts = ["a", "é", "😀", #"\n"#, #"\""#, #"\\"#, "\\u0001", " ", "$cols"]
        out += "\""
        for _ in 0..<Int(dice.next() % 4) { out += parts[Int(dice.next() % UInt64(parts.count))] }
        out += "\""
    }
}
