import Policy
import Testing
import Vocabulary

@Suite struct ProfileTableTests {
    /// `RULES.md` 36: `strict` is written down, and never looser than any other.
    @Test func strictIsNeverLooser() throws {
        for knob in ProfileTable.knobs where knob.isOrdered {
            let strict = try #require(knob.tightness(of: knob.value(in: .strict)), "\(knob.name)")
            for profile in ProfileID.allCases {
                let other = try #require(knob.tightness(of: knob.value(in: profile)), "\(knob.name) in \(profile.name)")
                #expect(strict >= other, "\(knob.name): strict is looser than \(profile.name)")
            }
        }
    }

    @Test func everyValueIsOneOfItsKnob() {
        #expect(Set(ProfileTable.knobs.map(\.name)).count == ProfileTable.knobs.count)
        for knob in ProfileTable.knobs {
            #expect(knob.values.count > 1 && Set(knob.values).count == knob.values.count, "\(knob.name)")
            #expect(!knob.promises.isEmpty && !knob.meaning.isEmpty, "\(knob.name)")
            for profile in ProfileID.allCases { #expect(knob.values.contains(knob.value(in: profile)), "\(knob.name)") }
            for id in knob.promises { #expect(PromiseID(id.description) == id, "\(knob.name)") }
        }
    }

    /// An organisation may tighten and never loosen; knobs without an order are the deployment's alone.
    @Test func anOrganisationOnlyTightens() {
        for knob in ProfileTable.knobs {
            #expect(knob.changer == (knob.isOrdered && !knob.isShared ? .organisation : .deployment))
            for (floor, deployed) in knob.values.enumerated() {
                for (wanted, value) in knob.values.enumerated() {
                    #expect(
                        knob.mayTighten(to: value, under: deployed) == (knob.isOrdered && wanted >= floor),
                        "\(knob.name): \(deployed) to \(value)")
                }
                #expect(!knob.mayTighten(to: "something else", under: deployed))
            }
        }
    }

    /// A knob that is obeyed today is read somewhere by its name; one that nothing reads waits for its issue.
    @Test func whatCodeObeysStandsInTheTable() throws {
        let sources = Repository.sources(under: "Sources").filter { !$0.path.contains("Profiles/Knobs") }
            .map(\.text).joined()
        for knob in ProfileTable.knobs {
            let isRead = sources.contains("value(of: \"\(knob.name)\")") || sources.contains("days(\"\(knob.name)\")")
            #expect(isRead == (knob.obeyed == .today), "\(knob.name)")
        }
        for profile in ProfileID.allCases {
            let policy = DeploymentPolicy(profile)
            #expect(policy.profile == PolicyProfile(profile), "\(profile.name)")
            #expect(policy.profile.logRetentionDays <= 30, "AN-25")
        }
        #expect(PolicyProfile(.aura).logRetentionDays <= 14 && PolicyProfile(.strict).logRetentionDays <= 14, "AU-29")
    }

    @Test func differencesAreSymmetric() {
        #expect(ProfileTable.difference(.aura, .aura).isEmpty)
        #expect(
            ProfileTable.difference(.aura, .outlay).map(\.name) == ProfileTable.difference(.outlay, .aura).map(\.name))
        #expect(ProfileTable.difference(.strict, .auxen).contains { $0.name == "log_retention_days" })
    }

    @Test func profilesHaveNames() {
        for profile in ProfileID.allCases { #expect(ProfileID(named: profile.name.description) == profile) }
        #expect(ProfileID(named: "Strict") == nil)
    }
}
