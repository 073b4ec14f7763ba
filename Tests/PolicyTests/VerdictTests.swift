import Policy
import Testing
import Vocabulary

@Suite struct VerdictTests {
    private func verdict(_ id: String, _ profile: ProfileID, _ facts: [Fact]) throws -> Verdict {
        try #require(Verdict.all(of: DeploymentPolicy(profile), facts: facts).first { $0.id.description == id })
    }

    private func fact(_ id: String, _ isSound: Bool?) -> Fact {
        Fact(name: "look", promises: [PromiseID(id)].compactMap { $0 }, isSound: isSound, found: "found this")
    }

    @Test func withoutFactsItIsTheRegister() {
        for profile in ProfileID.allCases {
            let verdicts = Verdict.all(of: DeploymentPolicy(profile), facts: [])
            #expect(verdicts.map(\.id) == Register.promises.map(\.id))
            for (verdict, promise) in zip(verdicts, Register.promises) {
                #expect(verdict.status.rawValue == promise.state.name)
                #expect(!verdict.evidence.isEmpty)
            }
        }
    }

    @Test func anUnsoundFactBreaksWhatTheProfilePromises() throws {
        let found = try verdict("AU-12", .strict, [fact("AU-12", false)])
        #expect(found.status == .broken && found.evidence.contains("found this"))
        // `outlay` does not promise it: nothing is broken there, and it is said.
        let other = try verdict("AU-12", .outlay, [fact("AU-12", false)])
        #expect(other.status == .notApplicable && other.evidence.contains("found this"))
        #expect(try verdict("AX-11", .strict, [fact("AU-12", false)]).status == .kept)
        #expect(try verdict("AU-12", .aura, [fact("AU-12", true), fact("AU-12", false)]).status == .broken)
    }

    /// A promise that this version does not make cannot be broken by an installation.
    @Test func whatIsNotYetStaysNotYet() throws {
        let found = try verdict("AX-16", .aurex, [fact("AX-16", false)])
        #expect(found.status == .notYet && found.evidence.contains("found this"))
    }

    @Test func whatCouldNotBeSeenIsCalledSo() throws {
        let found = try verdict("AU-12", .strict, [fact("AU-12", nil)])
        #expect(found.status == .kept && found.evidence.contains("not checked"))
    }
}
