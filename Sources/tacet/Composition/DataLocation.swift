/// Where the data directory is (DESIGN §5): `--data`, the settings, or XDG's place.
enum DataLocation {
    static func path(
        option: String?, settings: String?, environment: [String: String], isDemo: Bool = false
    ) throws(Failure) -> String {
        let path: String
        if let named = option ?? settings {
            path = named
        } else if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") {
            path = base + "/tacet"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            path = home + "/.local/share/tacet"
        } else {
            throw Failure(
                text: "There is no place for the data: neither HOME nor XDG_DATA_HOME is set. Give --data PATH.",
                code: 2)
        }
        var trimmed = path + (isDemo && option == nil ? "-demo" : "")
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        return trimmed
    }
}
