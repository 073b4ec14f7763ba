import Policy
import Testing
import Vocabulary

@Suite struct DeploymentPolicyTests {
    /// Every knob of every profile to every value: tighter may be had, looser may not and names the sentence.
    @Test func aProfileOfOnesOwnIsNeverLooserThanWhatItExtends() throws {
        var (taken, refused) = (0, 0)
        for profile in ProfileID.allCases {
            for knob in ProfileTable.knobs {
                for value in knob.values {
                    let isLooser =
                        knob.isOrdered && !knob.mayTighten(to: value, under: knob.value(in: profile))
                    do throws(DeploymentPolicy.Fault) {
                        let policy = try DeploymentPolicy(extending: profile, [knob.name: value])
                        #expect(!isLooser && policy.value(of: knob.name) == value, "\(profile.name) \(knob.name)")
                        #expect(policy.changed.isEmpty == (value == knob.value(in: profile)))
                        taken += 1
                    } catch {
                        guard case .looser(let name, let promised, let broken) = error else {
                            Issue.record("\(error)")
                            continue
                        }
                        #expect(isLooser && name == knob.name && promised == knob.value(in: profile))
                        #expect(!broken.isEmpty)
                        refused += 1
                    }
                }
            }
        }
        #expect(taken > 150 && refused > 30)
    }

    @Test func unknownKnobsAndValuesAreTold() {
        #expect(throws: DeploymentPolicy.Fault.unknownKnob("log_days")) {
            try DeploymentPolicy(extending: .aura, ["log_days": "3"])
        }
        #expect(throws: DeploymentPolicy.Fault.unknownValue(knob: "log_retention_days", allowed: ["30", "14"])) {
            try DeploymentPolicy(extending: .auxen, ["log_retention_days": "7"])
        }
        #expect(
            throws: DeploymentPolicy.Fault.looser(
                knob: "log_retention_days", promised: "14",
                broken: [PromiseID(.aura, 29), PromiseID(.auxen, 15), PromiseID(.auxen, 25)])
        ) { try DeploymentPolicy(extending: .aura, ["log_retention_days": "30"]) }
    }

    /// What an organisation set stays within its deployment, also when that has become tighter since.
    @Test func anOrganisationTightensOnly() throws {
        let aura = DeploymentPolicy(.aura)
        #expect(aura.tightened(by: ["recovery_days": "0"]).value(of: "recovery_days") == "0")
        #expect(DeploymentPolicy(.strict).tightened(by: ["recovery_days": "30"]) == DeploymentPolicy(.strict))
        #expect(aura.tightened(by: ["jurisdiction": "hong_kong", "nonsense": "1"]) == aura)
        for knob in ProfileTable.knobs where knob.changer == .deployment {
            var policy = aura
            let value = try #require(knob.values.last)
            #expect(throws: (any Error).self) { try policy.set(knob.name, value, byOrganisation: true) }
        }
    }

    /// The code paths follow the changed values, and unchanged ones are as `PolicyProfile` has them.
    @Test func codeFollowsTheValue() throws {
        for profile in ProfileID.allCases { #expect(DeploymentPolicy(profile).profile == PolicyProfile(profile)) }
        let own = try DeploymentPolicy(
            extending: .auxen,
            [
                "log_retention_days": "14", "unencrypted_swap": "refused", "snapshot_max_age_seconds": "60",
                "compression": "off",
            ])
        #expect(own.profile.logRetentionDays == 14 && own.profile.unencryptedSwap == .refused)
        #expect(own.profile.snapshotMaxAge == 60 && own.compression == .nobody)
        #expect(DeletionTerms(try DeploymentPolicy(extending: .aura, ["recovery_days": "0"])).recoveryDays == 0)
        #expect(DeploymentPolicy(.aura).origins == .whole && DeploymentPolicy(.strict).origins == .none)
        #expect(try DeploymentPolicy(extending: .aura, ["client_address": "truncated"]).origins == .network)
    }

    /// A promise to keep more than others is not made where its knob was set tighter: no page goes on claiming it.
    @Test func whatWasGivenUpIsNotPromised() throws {
        let own = try DeploymentPolicy(extending: .aura, ["recovery_days": "0"])
        let promise = try #require(Register.promise(PromiseID(.aura, 26)))
        #expect(DeploymentPolicy(.aura).makes(promise) && !own.makes(promise))
        #expect(own.makes(try #require(Register.promise(PromiseID(.aura, 11)))))
        #expect(own.promises.count == DeploymentPolicy(.aura).promises.count - 1)
    }
}
