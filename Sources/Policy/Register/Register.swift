public import Vocabulary

/// All promises of the five policies, in their order: the register that code, tests and pages cite.
public enum Register {
    public static let promises: [Promise] =
        Seed.aurexPromises + Seed.auraPromises + Seed.aurixelPromises + Seed.auxenPromises + Seed.outlayPromises

    public static func promise(_ id: PromiseID) -> Promise? { promises.first { $0.id == id } }

    public static func promises(of profile: ProfileID) -> [Promise] { promises.filter { $0.isMade(by: profile) } }

    /// What a profile promises and the code does not keep: it is not published as a policy while there is any.
    public static func missing(in profile: ProfileID) -> [Promise] {
        promises(of: profile).filter { $0.state == .notYet }
    }
}

extension Promise {
    static func kept(
        _ seed: Seed, _ number: Int, _ scope: Scope, _ makers: Makers, _ home: Home, _ sentence: String,
        by mechanism: String, proofs: [Proof]
    ) -> Promise {
        Promise(
            id: PromiseID(seed, number), sentence: sentence, scope: scope, mechanism: mechanism, proofs: proofs,
            makers: makers, home: home, state: .kept)
    }

    static func notYet(
        _ seed: Seed, _ number: Int, _ scope: Scope, _ makers: Makers, _ home: Home, _ sentence: String,
        by mechanism: String
    ) -> Promise {
        Promise(
            id: PromiseID(seed, number), sentence: sentence, scope: scope, mechanism: mechanism, proofs: [],
            makers: makers, home: home, state: .notYet)
    }
}
