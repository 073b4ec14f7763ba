/// The languages in which pages speak.
public enum Language: UInt8, CaseIterable, Sendable {
    case english = 0
    case german = 1
    case french = 2
    case spanish = 3
    case chinese = 4
    case japanese = 5

    /// As `html lang` takes it.
    public var code: StaticString {
        switch self {
        case .english: "en"
        case .german: "de"
        case .french: "fr"
        case .spanish: "es"
        case .chinese: "zh"
        case .japanese: "ja"
        }
    }

    /// What the language calls itself.
    public var ownName: StaticString {
        switch self {
        case .english: "English"
        case .german: "Deutsch"
        case .french: "Français"
        case .spanish: "Español"
        case .chinese: "中文"
        case .japanese: "日本語"
        }
    }
}
