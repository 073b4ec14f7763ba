/// What is to be done about the master key, told from which keys there are and under which the data keys are wrapped.
/// A rotation can have stopped anywhere; the next start ends it.
enum MasterRotation: Equatable {
    /// Everything is wrapped under the present key.
    case none
    /// Wrap under the present key what is under the former one (`previous_master_key`).
    case fromPrevious
    /// Wrap under the next key what is under the present one, then put it in its place.
    case toNext
    /// Everything is under the next key already: put it in its place.
    case promote
    /// A data key is wrapped under a master key that is not here.
    case otherMaster

    /// - Parameters:
    ///   - wrapped: the ids of the master keys under which the data keys are.
    ///   - next: what a rotation of a key file left beside it.
    static func step(wrapped: Set<[UInt8]>, present: [UInt8], previous: [UInt8]?, next: [UInt8]?) -> MasterRotation {
        let known = Set([present, previous, next].compactMap { $0 })
        guard wrapped.isSubset(of: known) else { return .otherMaster }
        if let next { return wrapped.subtracting([next]).isEmpty && !wrapped.isEmpty ? .promote : .toNext }
        return wrapped.subtracting([present]).isEmpty ? .none : .fromPrevious
    }
}
