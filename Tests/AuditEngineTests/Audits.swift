import AuditEngine
import Foundation
import Metering
import Vocabulary

/// A few lines of the price book, so that a test's amounts do not move when prices do.
enum TestBook {
    static let text = """
        tacet-prices 1 20261121
        source s https://example.invalid/ test
        price anthropic claude-haiku-4-5 0-20270101 s in=1000000 cr=100000 w5=1250000 w1=2000000 out=5000000
        price anthropic claude-haiku-4-5 20270101 s in=2000000 cr=100000 w5=1250000 w1=2000000 out=5000000
        price anthropic claude-sonnet-4-20250514 0 s in=3000000 cr=300000 w5=3750000 w1=6000000 out=15000000
        price anthropic claude-sonnet-4-6 0-20260313 s in=3000000 cr=300000 w5=3750000 w1=6000000 out=15000000 >200000 in=6000000 cr=600000 w5=7500000 w1=12000000 out=22500000
        price anthropic claude-sonnet-4-6 20260313 s in=3000000 cr=300000 w5=3750000 w1=6000000 out=15000000
        price anthropic claude-opus-4-6 0 s in=5000000 cr=500000 w5=6250000 w1=10000000 out=25000000
        price openai gpt-4o 0 s in=2500000 cr=1250000 out=10000000
        price openai gpt-4o-mini 0 s in=150000 cr=75000 out=600000
        price openai gpt-5-codex 0 s in=1250000 cr=125000 out=10000000
        price deepseek deepseek-v4-pro 0 s in=1320000 cr=44000 out=3960000
        price gemini gemini-2.5-pro 0 s in=1250000 cr=125000 out=10000000
        price openai dall-e-3 0 s img=40000000000
        price openai tts-1 0 s chr=15000000
        price openai gpt-4o-transcribe 0 s in=2500000 out=10000000 ms=100000
        end openai gpt-4o 20260601
        end openai gpt-4o-mini 20270201

        """

    static func make() -> PriceBook {
        do { return try PriceBook(Array(text.utf8).span) } catch { fatalError("the test's price book is malformed") }
    }
}

/// Audits bytes; `cut` is the size of the pieces they are fed in.
func audit(
    _ files: [[UInt8]], cut: Int = .max, book: PriceBook = TestBook.make(), options: AuditOptions = AuditOptions()
) -> AuditReport {
    var engine = AuditEngine(book: book, key: AuditKey(low: 1, high: 2), options: options)
    for file in files {
        engine.beginFile()
        var at = 0
        while at < file.count {
            let end = cut == .max ? file.count : min(file.count, at + cut)
            engine.feed(file.span.extracting(at..<end))
            at = end
        }
        engine.endFile()
    }
    return engine.report()
}

func audit(_ text: String, cut: Int = .max) -> AuditReport { audit([Array(text.utf8)], cut: cut) }

extension AuditReport {
    var pico: Int128 { AuditReport.pico(cost) }
    var format: String { String(decoding: files[0].format, as: UTF8.self) }
    var skipped: Int64 { files.reduce(0) { $0 + $1.skipped } }
    func finding(_ id: String) -> Finding? { findings.first { "\($0.id)" == id } }

    /// What a finding says, in English.
    func evidence(_ id: String) -> String? {
        finding(id).map { String(decoding: $0.evidence(Languages.english), as: UTF8.self) }
    }

    /// What must not depend on how bytes were cut.
    var jsonText: String { String(decoding: json(Languages.english), as: UTF8.self) }
}

/// The catalogue's files.
enum Languages {
    static let all = ["en", "de", "fr", "es", "zh", "ja"]
    static let english = catalogue("en")

    static func text(_ code: String) -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Browser/Languages/\(code).txt")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }

    static func catalogue(_ code: String) -> Catalogue {
        Catalogue(Array(text(code).utf8).span, code: Array(code.utf8))
    }
}
