import Testing
import Vocabulary

@testable import tacet

@Suite struct TerminalTextTests {
    @Test func wideLettersTakeTwoColumns() {
        #expect(TerminalText.width("abcé") == 4)
        #expect(TerminalText.width("費用 x") == 6)
        #expect(TerminalText.left("費", 4) == "費  ")
        #expect(TerminalText.right("費", 4) == "  費")
        #expect(TerminalText.cut("費用", 3) == "費")
    }

    @Test(arguments: [
        "one two three four five six seven eight nine ten", "ファイルには何を尋ねたかが含まれません。同じトークン数は推測にすぎません。",
        "把重复的内容放在最前面，gpt-4o-mini 也一样。", "",
    ]) func linesFitAndNothingIsLost(_ text: String) {
        for width in 12...40 {
            let wrapped = TerminalText.wrapped(text, width, indent: "  ")
            for line in wrapped.split(separator: "\n") {
                #expect(TerminalText.width(line) <= width + 2, "\(width): \(line)")
            }
            #expect(wrapped.filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace })
        }
    }

    /// A name of a file may hold what a terminal would obey.
    @Test func controlCharactersAreLeftOut() {
        #expect(TerminalText.plain(Array("a\u{1b}[31mb\u{202e}\n".utf8)) == "a[31mb")
    }

    @Test(
        arguments: [
            (["LANG": "de_DE.UTF-8"], Language.german), (["LANG": "de_DE", "LC_ALL": "ja_JP.UTF-8"], .japanese),
            (["LC_ALL": "", "LC_MESSAGES": "fr", "LANG": "es_ES"], .french), (["LANG": "C.UTF-8"], .english),
            (["LANG": "zh_CN.UTF-8"], .chinese), ([:], .english), (["LC_ALL": "C", "LANG": "es_ES"], .english),
        ] as [([String: String], Language)])
    func theEnvironmentChoosesTheLanguage(_ environment: [String: String], _ wanted: Language) {
        #expect(Language(environment: environment) == wanted)
    }
}
