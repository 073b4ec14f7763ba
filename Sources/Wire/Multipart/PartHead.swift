/// The head of a form's part: its name, and whether it is a file.
struct PartHead {
    private(set) var name: [UInt8] = []
    private(set) var isFile = false

    /// - Parameter head: the lines without the empty one. `nil` when it is not a form's: no name or two, a folded line, a
    ///   stray CR or LF, a transfer encoding that changes bytes.
    init?(_ head: ArraySlice<UInt8>) {
        var hasDisposition = false
        for line in head.split(separator: 0x0a, omittingEmptySubsequences: false) {
            var line = line
            if line.endIndex != head.endIndex {
                guard line.last == 0x0d else { return nil }
                line = line.dropLast()
            }
            guard !line.contains(0x0d), let colon = line.firstIndex(of: 0x3a), colon > line.startIndex,
                line[line.startIndex] > 0x20
            else { return nil }
            let field = line[..<colon].map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
            var parser = ParameterParser(Array(line[(colon + 1)...]))
            if field.equals("content-disposition") {
                guard !hasDisposition, read(&parser) else { return nil }
                hasDisposition = true
            } else if field.equals("content-transfer-encoding") {
                guard let word = parser.token(),
                    word.equals("7bit") || word.equals("8bit") || word.equals("binary")
                else { return nil }
            }
        }
        guard hasDisposition else { return nil }
    }

    private mutating func read(_ parser: inout ParameterParser) -> Bool {
        guard parser.token()?.equals("form-data") == true else { return false }
        var hasName = false
        while let parameter = parser.next() {
            if parameter.name.equals("name") {
                guard !hasName else { return false }
                hasName = true
                name = parameter.value
            } else if parameter.name.equals("name*") {
                return false
            } else if parameter.name.equals("filename") || parameter.name.equals("filename*") {
                isFile = true
            }
        }
        return hasName && parser.isWhole
    }
}
