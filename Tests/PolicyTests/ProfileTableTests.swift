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
            #expect(knob.changer == (knob.isOrdered ? .organisation : .deployment))
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

    /// `PolicyProfile` and the table say the same of every knob that code obeys, and of no other.
    @Test func whatCodeObeysStandsInTheTable() throws {
        let obeyed = ProfileTable.knobs.filter { $0.obeyed == .today }
        for profile in ProfileID.allCases {
            let values = PolicyProfile(profile).obeyed
            #expect(Set(obeyed.map(\.name)) == Set(values.keys))
            for knob in obeyed {
                #expect(knob.value(in: profile) == values[knob.name], "\(knob.name) in \(profile.name)")
            }
        }
        // Every stored property of the profile is a knob, besides its id.
        let names = Mirror(reflecting: PolicyProfile(.strict)).children.compactMap(\.label)
        // The terms of deletion are two knobs more; the years of billing are the law's.
        let terms = Mirror(reflecting: DeletionTerms(.strict)).children.compactMap(\.label)
        #expect(names.count - 1 + terms.count - 1 == obeyed.count, "not in the table: \(names) \(terms)")
        let days = try #require(PolicyProfile(.aura).obeyed["log_retention_days"].flatMap { Int($0) })
        #expect(days <= 14, "AU-29")
        #expect(ProfileID.allCases.allSatisfy { PolicyProfile($0).logRetentionDays <= 30 }, "AN-25")
        #expect(PolicyProfile(.strict).logRetentionDays <= 14, "AU-29")
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
