import Foundation
import Policy
import Testing
import Vocabulary

@Suite struct RegisterTests {
    @Test func everyIDOfEveryPolicyStandsOnceInOrder() {
        let ids = Register.promises.map(\.id)
        let all = Seed.allCases.flatMap { seed in (1...seed.count).map { PromiseID(seed, $0) } }
        #expect(ids == all)
        #expect(ids.count == 121)
        #expect(Set(ids).count == 121)
    }

    @Test func everyPromiseHasASentenceAMechanismAndAHome() {
        for promise in Register.promises {
            #expect(promise.sentence.count > 10 && promise.sentence.hasSuffix("."), "\(promise.id)")
            #expect(promise.mechanism.count > 10 && promise.mechanism.hasSuffix("."), "\(promise.id)")
            #expect(promise.isMade(by: promise.id.seed.profile), "\(promise.id)")
            if case .issue(let number) = promise.home { #expect((2...9).contains(number), "\(promise.id)") }
            switch promise.state {
            case .kept: #expect(!promise.proofs.isEmpty, "\(promise.id) is kept and nothing proves it")
            case .notYet:
                #expect(promise.proofs.isEmpty, "\(promise.id) is not yet kept and has a proof")
                #expect(promise.home != .issue(6), "\(promise.id) names no later issue")
            case .notApplicable(let why): #expect(!why.isEmpty, "\(promise.id)")
            }
        }
        #expect(Set(Register.promises.map(\.sentence)).count == 121, "two promises have one sentence")
    }

    /// A promise is worth the test that fails when it is broken: the file is there and so is the function.
    @Test func everyProofIsATestThatExists() {
        let proofs = Register.promises.flatMap(\.proofs) + Conflict.all.flatMap(\.proofs)
        #expect(proofs.count > 20)
        for proof in proofs {
            #expect(Self.exists(proof.file, proof.test), "Tests/\(proof.file) has no test \(proof.test)")
        }
    }

    /// A search that finds everything proves nothing.
    @Test func aTestThatDoesNotExistIsNotFound() {
        #expect(!Self.exists("PolicyTests/RegisterTests.swift", "everyProofIsATest"))
        #expect(!Self.exists("PolicyTests/RegisterTests.swift", "exists"))
        #expect(!Self.exists("PolicyTests/Nowhere.swift", "everyProofIsATestThatExists"))
        #expect(Self.exists("PolicyTests/RegisterTests.swift", "everyProofIsATestThatExists"))
    }

    @Test func aProfileSaysWhatItMisses() {
        for profile in ProfileID.allCases {
            let made = Register.promises(of: profile)
            #expect(!made.isEmpty)
            #expect(Register.missing(in: profile).count + made.count { $0.state == .kept } == made.count)
        }
        #expect(Register.promise(PromiseID(.aura, 29))?.profiles == [.strict, .aura])
    }

    /// Of every conflict of the five policies a settlement, and a test of what holds of it today.
    @Test func theTwentyTwoConflictsAreSettled() {
        #expect(Conflict.all.map(\.number) == Array(1...22))
        for conflict in Conflict.all {
            #expect(!conflict.settlement.isEmpty && !conflict.promises.isEmpty, "\(conflict.number)")
            for id in conflict.promises { #expect(PromiseID(id.description) == id, "\(conflict.number)") }
            #expect(conflict.isSettled, "\(conflict.number) has no test")
        }
    }

    private static func exists(_ file: String, _ test: String) -> Bool {
        let text = Repository.read("Tests/\(file)")
        if file.hasSuffix(".py") { return text.contains("    def \(test)(self") && test.hasPrefix("test_") }
        guard let place = text.range(of: "func \(test)(") else { return false }
        // Its attribute stands before it: on its line, or after a list of arguments.
        let before = text[..<place.lowerBound]
        guard let attribute = before.range(of: "@Test", options: .backwards) else { return false }
        return !before[attribute.upperBound...].contains("func ")
    }
}
