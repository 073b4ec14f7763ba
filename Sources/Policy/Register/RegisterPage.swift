import Vocabulary

/// The register, the profiles and the data map as Markdown: `docs/promises.md`, and what stands in the README.
public enum RegisterPage {
    public static var markdown: String {
        var page = """
            # The promises

            Written by `tacet policy show --markdown`; a test compares. Five published privacy policies make 121 promises. \
            Each is here with what keeps it, the tests that fail when it is broken, the profiles that make it, and whether \
            the code of today keeps it. What is not yet kept names the issue or later round that builds it. A profile is \
            published when nothing it promises is missing.

            \(counts)

            """
        for seed in Seed.allCases {
            page += "\n## \(seed.rawValue): `\(seed.profile.name)`\n\n"
            page +=
                "| id | promise | state | what keeps it, or stands of it | proof | made by |\n|---|---|---|---|---|---|\n"
            for promise in Register.promises where promise.id.seed == seed { page += row(promise) }
        }
        return page + profiles + conflicts + dataMap
    }

    /// `20 kept, 101 not yet, 0 not applicable.` with the count of each profile.
    private static var counts: String {
        let all = Register.promises
        let other = all.count { $0.state != .kept && $0.state != .notYet }
        var text = "**\(all.count { $0.state == .kept }) kept, \(all.count { $0.state == .notYet }) not yet, "
        text += "\(other) not applicable.**\n\n| profile | promises | kept | missing |\n|---|---|---|---|\n"
        for profile in ProfileID.allCases {
            let made = Register.promises(of: profile)
            let missing = Register.missing(in: profile)
            text += "| `\(profile.name)` | \(made.count) | \(made.count { $0.state == .kept }) | \(missing.count) |\n"
        }
        return text
    }

    private static func row(_ promise: Promise) -> String {
        let state: String =
            switch promise.state {
            case .kept: "kept"
            case .notYet: "not yet (\(promise.home.text))"
            case .notApplicable(let why): "not applicable: \(why)"
            }
        let proofs = promise.proofs.map { "`\($0.test)`" }.joined(separator: " ")
        let makers =
            promise.profiles.count == ProfileID.allCases.count
            ? "all" : promise.profiles.map(\.name.description).joined(separator: ", ")
        return
            "| \(promise.id) | \(promise.sentence) | \(state) | \(promise.mechanism) | \(proofs.isEmpty ? "–" : proofs) | \(makers) |\n"
    }

    private static var profiles: String {
        let names = ProfileID.allCases.map { "`\($0.name)`" }.joined(separator: " | ")
        var text = """

            ## Profiles

            Values stand from loosest to tightest. An organisation may tighten what its deployment has, never loosen it; \
            knobs without an order are the deployment's alone. `strict` is written down here and never looser than another.

            | knob | loosest → tightest | \(names) | changed by | obeyed |
            |---|---|\(String(repeating: "---|", count: ProfileID.allCases.count))---|---|

            """
        for knob in ProfileTable.knobs {
            let values = ProfileID.allCases.map { knob.value(in: $0) }.joined(separator: " | ")
            let order = knob.values.joined(separator: knob.isOrdered ? " → " : ", ")
            text += "| `\(knob.name)` | \(order)\(knob.isOrdered ? "" : " (no order)") | \(values) | "
            text +=
                "\(knob.changer == .organisation ? "organisation, to tighter" : "deployment") | \(knob.obeyed.text) |\n"
        }
        return text
    }

    private static var conflicts: String {
        var text = """

            ## Where the five disagree

            | # | question | settlement | promises | held by |
            |---|---|---|---|---|

            """
        for conflict in Conflict.all {
            let promises = conflict.promises.map(\.description).joined(separator: " ")
            let held =
                conflict.isSettled
                ? conflict.proofs.map { "`\($0.test)`" }.joined(separator: " ") : conflict.home.text
            text += "| \(conflict.number) | \(conflict.question) | \(conflict.settlement) | \(promises) | \(held) |\n"
        }
        return text
    }

    private static var dataMap: String {
        var text = """

            ## What is stored

            Every field of the ledger, the journal, the receipt, the log and the data directory. Everything stands in plain \
            but digests and what is sealed; files are readable to their owner alone.

            | store | field | class | purpose | basis | kept | form | exported by | erased |
            |---|---|---|---|---|---|---|---|---|

            """
        for field in DataMap.fields {
            text += "| \(field.store) | `\(field.name)` | \(words(field.kind.rawValue)) | \(field.purpose.rawValue) | "
            text += "\(words(field.basis.rawValue)) | \(field.retention.text) | \(words(field.sealing.rawValue)) | "
            text += "\(field.export == .no ? "–" : "`\(field.export.rawValue)`") | \(field.erasure.text) |\n"
        }
        return text
    }

    private static func words(_ name: String) -> String { String(name.map { $0 == "_" ? " " : $0 }) }
}
