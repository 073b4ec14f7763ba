import Testing

/// The rooms that hold words call nothing that reaches a disk, a log or a terminal; nothing that people wrote can stand in
/// an error, a log event or a crash message (`RULES.md` 10–12).
struct SilenceTests {
    struct Ban: Sendable {
        var pattern: String
        var why: String
        /// Files that may, with their reason in them.
        var except: [String] = []
        /// Only in files that import the C library: elsewhere the name is a method of our own.
        var needsC = false
    }

    /// The one file that maps the journal.
    static let journalFile = "Sources/Relay/Journal/MappedSegment.swift"

    static let inContentWing: [Ban] = [
        Ban(
            pattern: #"(?<![.\w])(print|debugPrint|dump|NSLog|puts|fputs|putchar|printf|vprintf)\s*\("#,
            why: "it prints"),
        Ban(pattern: #"\b(stdout|stderr|STDOUT_FILENO|STDERR_FILENO)\b"#, why: "it reaches standard output"),
        Ban(
            pattern:
                #"(?<![.\w])(openat|creat|fopen|fdopen|freopen|pwrite|writev|fwrite|fprintf|mkstemp|rename|link|symlink|mkfifo|shm_open|memfd_create|sendfile|mmap|posix_fallocate|ftruncate|fsync|fdatasync|unlink)\s*\("#,
            why: "it reaches a file", except: [journalFile]),
        Ban(pattern: #"(?<![.\w])(open|write)\s*\("#, why: "it reaches a file", except: [journalFile], needsC: true),
        Ban(pattern: #"\bunsafe\s+(open|write)\s*\("#, why: "it reaches a file", except: [journalFile]),
        Ban(
            pattern: #"\bGlibc\.(open|write|pwrite|fopen|creat|openat)\b"#, why: "it reaches a file",
            except: [journalFile]),
        Ban(pattern: #"\b(syslog|openlog|vsyslog|sd_journal\w*|os_log)\s*\("#, why: "it logs free text"),
        Ban(
            pattern:
                #"\b(NIOFileHandle|NonBlockingFileIO|NIOFileSystem|FileManager|FileHandle|FileDescriptor|FileOutputStream|UserDefaults)\b"#,
            why: "it reaches a file"),
        Ban(pattern: #"\bLogger\b|\bLogHandler\b|\blogger\."#, why: "there is no call that logs free text (rule 4)"),
        Ban(pattern: #"\bString\s*\(\s*(describing|reflecting):"#, why: "it describes values, words among them"),
        Ban(
            pattern: #"\b(JSONEncoder|JSONDecoder|PropertyListEncoder)\b"#,
            why: "the content wing scans, it does not encode"),
        Ban(pattern: #"\b(setenv|putenv|system|popen|execv\w*|posix_spawn\w*)\s*\("#, why: "words could leave by it"),
    ]

    static let everywhere: [Ban] = [
        Ban(
            pattern: #"\b(precondition|preconditionFailure|assert|assertionFailure|fatalError)\s*\(.*\\\("#,
            why: "a crash message must not hold a value (`RULES.md` 11)"),
        Ban(
            pattern: #"@unchecked\s+Sendable"#, why: "prove it, or say why in ARCHITECTURE.md",
            except: uncheckedByReason),
        Ban(pattern: #"\btry!|\bas!"#, why: "a crash is never the answer to bad input"),
    ]

    /// Files that use `@unchecked Sendable` for a reason given at the place.
    static let uncheckedByReason = House.sources
        .filter { $0.text.contains("@unchecked Sendable: ") }.map(\.path)

    static let inPureRooms: [Ban] = [
        Ban(
            pattern:
                #"\b(ContinuousClock|SuspendingClock|UTCClock|DispatchTime|DispatchQueue|SystemRandomNumberGenerator)\b|\.random\s*\(|\.randomElement\b|\.shuffled\s*\(\s*\)"#,
            why: "it reads no clock and no randomness: they are handed in (rule 1)"),
        Ban(
            pattern:
                #"\b(clock_gettime|gettimeofday|getrandom|getenv|time)\s*\(\s*(nil|&|CLOCK)|NIODeadline\.now|Date\(\)"#,
            why: "it reads no clock (rule 1)"),
        Ban(pattern: #"\b(Task\s*[.{(]|Task\.detached|actor\s+\w+)"#, why: "everything here is a value (rule 3)"),
    ]

    @Test func theContentWingIsSilent() { check(Self.inContentWing, RoomTests.contentWing) }

    @Test func noValueStandsInACrashMessage() { check(Self.everywhere, House.rooms) }

    @Test func pureRoomsReadNoClock() { check(Self.inPureRooms, RoomTests.pure) }

    @Test func vocabularyAndMeteringStayEmbedded() {
        check(
            [
                Ban(
                    pattern:
                        #":\s*(some\s+|any\s+)?(Codable|Encodable|Decodable)\b|[,&]\s*(Codable|Encodable|Decodable)\b"#,
                    why: "encodings live in Records and Console (`RULES.md` 42)"),
                Ban(
                    pattern: #"\bString\s*\(\s*format:"#, why: "no string formatting in Embedded Swift (`RULES.md` 42)"),
                Ban(pattern: #"\bthrows\s*(->|\{)"#, why: "typed throws only (`RULES.md` 42)"),
            ], ["Vocabulary", "Metering"])
    }

    @Test func contentCannotSpeak() {
        let declared = House.sources.flatMap { Code.places(#"\bstruct Content\b"#, in: $0) }
        #expect(declared.count == 1, "Content is declared once: \(declared)")
        let pattern =
            #"\b(struct|extension)\s+Content\b[^{]*\b(Codable|Encodable|Decodable|CustomStringConvertible|CustomDebugStringConvertible|LosslessStringConvertible|TextOutputStreamable|Hashable|Equatable)\b"#
        for source in House.sources {
            for place in Code.places(pattern, in: source) {
                Issue.record("\(place): Content is not encodable, not describable, not loggable (rule 4)")
            }
        }
    }

    /// No error, log event or code of these rooms can carry words: its payloads are numbers and closed enums.
    @Test func errorsAndEventsHoldNoWords() {
        for source in House.sources(of: RoomTests.contentWing + ["Vocabulary", "Metering"]) {
            for (head, body) in Self.declarations(source.code) where Self.isErrorOrEvent(head) {
                for line in body.split(separator: "\n") where Self.canHoldWords(String(line)) {
                    Issue.record(
                        "\(source.path): \(head) holds words or a foreign error (`RULES.md` 11): \(line.trimmed)")
                }
            }
        }
    }

    /// A rule that cannot fail holds nothing.
    @Test(arguments: [
        "print(body)", "  debugPrint(x)", "let f = open(path, O_RDWR)", "unsafe write(file, p, n)",
        "Glibc.write(1, p, 2)",
        "let l = Logger(label: name)", "String(describing: request)", "syslog(3, text)", "fopen(a, b)", "dump(self)",
        "NIOFileHandle(path: p)", "unsafe stderr",
    ])
    func bannedCallsAreSeen(line: String) {
        #expect(Self.inContentWing.contains { !Code.places($0.pattern, in: Code.stripped(line), path: "x").isEmpty })
    }

    @Test(arguments: [
        "context.write(data, promise: nil)", "func write(_ payload: some JournalPayload) -> Bool", "sink.open()",
        "// print(x)",
        "let text = \"print(x)\"", "state.open(hold)",
    ])
    func lawfulCallsAreNot(line: String) {
        let line = line.replacing("func write(", with: "func record(")
        #expect(Self.inContentWing.allSatisfy { Code.places($0.pattern, in: Code.stripped(line), path: "x").isEmpty })
    }

    @Test func crashMessagesAndErrorsAreSeen() {
        let code = Code.stripped(#"fatalError("no \(model)")"#)
        #expect(Self.everywhere.contains { !Code.places($0.pattern, in: code, path: "x").isEmpty })
        let planted = Self.declarations("enum Fault: Error {\n case bad(String)\n}\nstruct Calm { var x: String }")
        #expect(planted.count == 2)
        #expect(planted.filter { Self.isErrorOrEvent($0.head) && Self.canHoldWords($0.body) }.count == 1)
    }

    private static let libraries: Set = [
        "Glibc", "Musl", "Darwin", "Foundation", "FoundationEssentials", "SystemPackage",
    ]

    private func check(_ bans: [Ban], _ rooms: some Collection<String>) {
        for source in House.sources(of: rooms) {
            let importsC = !Self.libraries.isDisjoint(with: source.imports)
            for ban in bans where !ban.except.contains(source.path) && (importsC || !ban.needsC) {
                for place in Code.places(ban.pattern, in: source) where !place.contains("func ") {
                    Issue.record("\(place)\n  \(ban.why)")
                }
            }
        }
    }

    private static func isErrorOrEvent(_ head: String) -> Bool {
        head.contains("enum LogEvent") || head.contains("enum ErrorCode")
            || !Code.places(#":[^{]*\bError\b"#, in: head, path: "").isEmpty
    }

    private static func canHoldWords(_ line: String) -> Bool {
        !Code.places(
            #"\b(case\s+\w+\s*\(|(let|var)\s+\w+\s*:(?![^=]*\{))[^{]*\b(String|Substring|ByteBuffer|Content|any Error|\[UInt8\]|StaticString\?)"#,
            in: line, path: ""
        ).isEmpty
    }

    /// Type declarations of a text with what stands between their braces.
    private static func declarations(_ code: String) -> [(head: String, body: String)] {
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.indices.compactMap { index in
            guard
                !Code.places(
                    #"^\s*(public |package |private |fileprivate |indirect |final )*(enum|struct|class) \w+"#,
                    in: lines[index], path: ""
                ).isEmpty
            else { return nil }
            var depth = 0
            var body: [String] = []
            for line in lines[index...] {
                depth += line.count { $0 == "{" } - line.count { $0 == "}" }
                body.append(line)
                if depth <= 0, line.contains("}") { break }
            }
            return (lines[index].trimmed, body.dropFirst(body.count > 1 ? 1 : 0).joined(separator: "\n"))
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
