import Policy
import Vocabulary

/// What a key decides of its requests, in words: on the command line, through the control socket, in answers.
struct DecisionWords: Codable, Equatable, Sendable {
    var compression: String?
    var router: String?
    var cache: String?
    var breakpoints: String?

    /// What stands for leaving it to model and configuration.
    static let unset = "default"

    init(compression: String?, router: String?, cache: String?, breakpoints: String?) {
        self.compression = compression
        self.router = router
        self.cache = cache
        self.breakpoints = breakpoints
    }

    init(_ decisions: Decisions) {
        compression = decisions.compression.map { "\($0.name)" }
        router = decisions.router.map { "\($0.name)" }
        cache = decisions.cache.map { "\($0.name)" }
        breakpoints = decisions.breakpoints.map { "\($0.name)" }
    }

    var isEmpty: Bool { compression == nil && router == nil && cache == nil && breakpoints == nil }

    /// Changes what is named.
    func apply(to decisions: inout Decisions) throws(Failure) {
        try Self.apply(compression, "--compression", CompressionMode.allCases.map { ("\($0.name)", $0) }) {
            decisions.compression = $0
        }
        try Self.apply(router, "--router", RouterMode.allCases.map { ("\($0.name)", $0) }) { decisions.router = $0 }
        try Self.apply(cache, "--cache", CacheMode.allCases.map { ("\($0.name)", $0) }) { decisions.cache = $0 }
        try Self.apply(breakpoints, "--prompt-cache", BreakpointMode.allCases.map { ("\($0.name)", $0) }) {
            decisions.breakpoints = $0
        }
    }

    private static func apply<Mode>(
        _ word: String?, _ option: String, _ modes: [(String, Mode)], _ set: (Mode?) -> Void
    ) throws(Failure) {
        guard let word else { return }
        if word == unset { return set(nil) }
        guard let mode = modes.first(where: { $0.0 == word })?.1 else {
            let allowed = (modes.map(\.0) + [unset]).map { "`\($0)`" }.joined(separator: ", ")
            throw Failure(text: "\(option) is `\(word)`; allowed: \(allowed).", code: 2)
        }
        set(mode)
    }
}

extension DeploymentPolicy {
    /// Why a key, a model or the configuration may not decide so; `nil` when it may.
    func objection(to decisions: Decisions) -> String? {
        guard let mode = decisions.compression, mode != .off, compression != .key else { return nil }
        return "compression is `\(mode.name)`, but the profile `\(base.name)` lets prompts be shortened "
            + (compression == .request ? "only where a request asks for it (x-tacet-compress)" : "nowhere")
            + "; allowed: `off`, or a profile whose knob `compression` is `by_key`"
    }
}
