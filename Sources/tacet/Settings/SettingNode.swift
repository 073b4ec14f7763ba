import Yams

/// A tree of settings with the place of each value, from a file with the environment laid over it.
struct SettingNode {
    var place: Mistake.Place
    var value: Value

    indirect enum Value {
        /// `isNull`: written as nothing, `~` or `null`.
        case scalar(String, isNull: Bool)
        case list([SettingNode])
        case section([Member])
    }

    struct Member {
        var name: String
        var place: Mistake.Place
        var node: SettingNode
    }

    static func empty(_ file: String) -> SettingNode {
        SettingNode(place: .file(file, line: 1, column: 1), value: .section([]))
    }

    /// What a mistake may say was read.
    var kind: String {
        switch value {
        case .scalar(_, isNull: true): "nothing"
        case .scalar(let text, _): "`\(text)`"
        case .list: "a list"
        case .section: "a section"
        }
    }

}

// MARK: YAML

extension SettingNode {
    /// Reads one YAML document.
    static func read(yaml: String, file: String) throws(Mistake) -> SettingNode {
        do {
            // Types are told by the settings themselves; Yams' own resolver would compile patterns and wake ICU.
            guard let root = try Yams.compose(yaml: yaml, .basic) else { return empty(file) }
            let node = try SettingNode(root, file: file, depth: 0)
            if case .scalar(_, isNull: true) = node.value { return empty(file) }
            return node
        } catch let mistake as Mistake {
            throw mistake
        } catch let error as YamlError {
            throw mistake(error, yaml: yaml, file: file)
        } catch {
            throw Mistake(place: .file(file, line: 1, column: 1), text: "is not YAML")
        }
    }

    private init(_ node: Node, file: String, depth: Int) throws(Mistake) {
        place = .file(file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        guard depth < 16 else { throw Mistake(place: place, text: "is nested too deeply; allowed: 16 levels") }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            value = .scalar(
                scalar.string, isNull: isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string))
        case .sequence(let sequence):
            var items: [SettingNode] = []
            for item in sequence { items.append(try SettingNode(item, file: file, depth: depth + 1)) }
            value = .list(items)
        case .mapping(let mapping):
            var members: [Member] = []
            for (key, item) in mapping {
                let place = Mistake.Place.file(file, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
                guard case .scalar(let name) = key else { throw Mistake(place: place, text: "a name must be text") }
                members.append(
                    Member(name: name.string, place: place, node: try SettingNode(item, file: file, depth: depth + 1)))
            }
            value = .section(members)
        case .alias:
            throw Mistake(place: place, text: "YAML aliases are not allowed")
        }
    }

    /// Where a name stands for the second time at the start of a line; the section's start when it is not so simple.
    private static func second(_ name: String, in yaml: String, from mark: Mark) -> (line: Int, column: Int) {
        var found = 0
        for (index, line) in yaml.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where index + 1 >= mark.line {
            let indent = line.prefix { $0 == " " }.count
            guard indent + 1 == mark.column, line.dropFirst(indent).hasPrefix(name + ":") else { continue }
            found += 1
            if found == 2 { return (index + 1, indent + 1) }
        }
        return (mark.line, mark.column)
    }

    /// The parser's message, without the lines it quotes: they could hold a key.
    private static func mistake(_ error: YamlError, yaml: String, file: String) -> Mistake {
        func at(_ mark: Mark, _ text: String) -> Mistake {
            let line = yaml.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(mark.line - 1).first
            let isTab = line?.prefix { $0 == " " || $0 == "\t" }.contains("\t") ?? false
            return Mistake(
                place: .file(file, line: mark.line, column: mark.column),
                text: isTab ? "is indented with a tab; allowed: spaces" : "is not YAML: \(text)")
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            // What was opened and never closed is noticed only at the end: its beginning is what helps.
            let isOpen = context?.text.contains("flow") == true || context?.text.contains("quoted") == true
            return at(isOpen ? context?.mark ?? mark : mark, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let name = duplicates.first ?? ""
            let place = second(name, in: yaml, from: context.mark)
            return Mistake(
                place: .file(file, line: place.line, column: place.column),
                text: "`\(name)` stands here twice; allowed: each name once")
        default:
            return Mistake(place: .file(file, line: 1, column: 1), text: "is not YAML in UTF-8")
        }
    }

}

// MARK: Environment

extension SettingNode {
    /// Lays `TACET__SECTION__KEY` variables over the tree (`RULES.md` 41).
    mutating func overlay(_ environment: [String: String]) {
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("TACET__") {
            let path = name.dropFirst(7).split(separator: "_", omittingEmptySubsequences: false)
            set(Self.nest(path), to: text, from: name)
        }
    }

    /// Splits at `__`; a single `_` belongs to the name.
    private static func nest(_ parts: [Substring]) -> [String] {
        var path: [String] = []
        var name = ""
        for (index, part) in parts.enumerated() {
            if part.isEmpty, index > 0, index < parts.count - 1 {
                path.append(name)
                name = ""
            } else {
                name += (name.isEmpty ? "" : "_") + part.lowercased()
            }
        }
        return path + [name]
    }

    private mutating func set(_ path: [String], to text: String, from variable: String) {
        guard let name = path.first else {
            self = SettingNode(place: .variable(variable), value: .scalar(text, isNull: text.isEmpty))
            return
        }
        var members: [Member] = []
        switch value {
        case .section(let present): members = present
        // An address alone is the short form of a listener.
        case .scalar(_, isNull: false): members = [Member(name: "address", place: place, node: self)]
        default: break
        }
        let rest = Array(path.dropFirst())
        if let index = members.firstIndex(where: { $0.name.lowercased().replacing("-", with: "_") == name }) {
            members[index].node.set(rest, to: text, from: variable)
        } else {
            var node = SettingNode(place: .variable(variable), value: .section([]))
            node.set(rest, to: text, from: variable)
            members.append(Member(name: name, place: .variable(variable), node: node))
        }
        value = .section(members)
    }
}
