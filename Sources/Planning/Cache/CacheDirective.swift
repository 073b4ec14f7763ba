public import Vocabulary

/// What a request says of the cache, by `x-tacet-cache` and `Cache-Control` (RFC 9111).
public enum CacheDirective: UInt8, Sendable, CaseIterable {
    /// Nothing: answers at temperature 0 are kept and used.
    case automatic
    /// `on`: the client wants it whatever the temperature is.
    case asked
    /// `refresh`, or `Cache-Control: no-cache`: no kept answer is used, the new one is kept.
    case refresh
    /// `off`, or `Cache-Control: no-store`.
    case off

    /// - Parameters:
    ///   - tacet: the value of `x-tacet-cache`, which holds over the other.
    ///   - control: the value of `Cache-Control`.
    /// - Returns: `nil` when `tacet` is none of `on`, `off`, `refresh` and `auto`.
    public init?(tacet: [UInt8]?, control: [UInt8]?) {
        if let tacet {
            let word = String(decoding: tacet, as: UTF8.self).lowercased()
            switch word {
            case "on": self = .asked
            case "off": self = .off
            case "refresh": self = .refresh
            case "auto": self = .automatic
            default: return nil
            }
            return
        }
        self = .automatic
        for part in (control ?? []).split(separator: UInt8(ascii: ",")) {
            let word = String(decoding: part, as: UTF8.self).lowercased().filter { $0 != " " && $0 != "\t" }
            if word == "no-store" { self = .off }
            if word == "no-cache", self != .off { self = .refresh }
        }
    }

    /// What holds where a key or the configuration decides too: what the request says, else what they do.
    public func over(_ mode: CacheMode?) -> CacheDirective {
        guard self == .automatic, let mode else { return self }
        switch mode {
        case .off: return .off
        case .auto: return .automatic
        case .on, .similar: return .asked
        }
    }

    /// Whether a request may have its answer kept or shared at all (`RULES.md` 6): n samples stay n samples.
    public func isEligible(temperatureIsZero: Bool, samples: Int64) -> Bool {
        switch self {
        case .off: false
        case .asked: samples == 1
        case .automatic, .refresh: temperatureIsZero && samples == 1
        }
    }

    /// Whether a kept answer may be used.
    public var mayRead: Bool { self != .refresh && self != .off }
}

/// Why an answer is not kept.
public enum Unkept: UInt8, Sendable, CaseIterable {
    case error
    case cut
    case lengthStopped
    case toolCall

    /// `nil`: it is kept. Tool calls are only when asked for: repeated, they act twice.
    public init?(status: UInt16, isComplete: Bool, isLengthStopped: Bool, hasToolCall: Bool, directive: CacheDirective)
    {
        if !(200..<300).contains(status) {
            self = .error
        } else if !isComplete {
            self = .cut
        } else if isLengthStopped {
            self = .lengthStopped
        } else if hasToolCall, directive != .asked {
            self = .toolCall
        } else {
            return nil
        }
    }
}
