/// Journal files that the drain has overwritten with zeros and the journal takes again. A file made anew costs a page fault
/// and a page of zeros for every four kilobytes written.
public enum SpareSegment {
    /// How many are kept: what a drain every 200 ms empties under full load.
    public static let limit = 4

    /// - Parameter number: below `limit`.
    public static func name(_ number: Int) -> String { "spare-\(number)" }
}
