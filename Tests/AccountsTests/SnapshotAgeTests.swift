import Foundation
import Policy
import Records
import Secrets
import Testing
import Vocabulary

@testable import Accounts

/// `RULES.md` 35: keys are honoured for the profile's time while their store cannot be asked, then nobody is let in.
@Suite struct SnapshotAgeTests {
    @Test(arguments: [(ProfileID.strict, 60), (.aura, 600)])
    func nobodyIsLetInOnceTheSnapshotIsTooOld(_ profile: ProfileID, _ limit: Int) throws {
        let place = try Place(profile)
        let snapshot = try KeySnapshot(
            ledger: place.ledger, purse: nil, policy: DeploymentPolicy(profile), events: Silence())
        let now = ContinuousClock.now
        snapshot.heard(at: now)
        snapshot.notHeard(at: now + .seconds(limit))
        #expect(!snapshot.isStale)
        snapshot.notHeard(at: now + .seconds(limit + 1))
        #expect(snapshot.isStale)
        snapshot.heard(at: now + .seconds(limit + 2))
        #expect(!snapshot.isStale)
    }

    /// What an organisation tightened is in its keys' grants with the next reading.
    @Test func tightenedKnobsReachTheGrants() throws {
        let place = try Place(.aura)
        var (text, _) = try place.keys.create(name: "app", at: Moment(microseconds: 0))
        let digest = place.keys.hasher.digest(of: text.span)
        wipe(&text)
        let snapshot = try KeySnapshot(
            ledger: place.ledger, purse: nil, policy: DeploymentPolicy(.aura), events: Silence())
        #expect(snapshot.grant(for: digest)?.mayCompress == .key && snapshot.grant(for: digest)?.origins == .whole)
        #expect(try place.rights.tighten("compression", "off", of: .home) == nil)
        #expect(try place.rights.tighten("client_address", "truncated", of: .home) == nil)
        try snapshot.refresh()
        #expect(snapshot.grant(for: digest)?.mayCompress == .nobody && snapshot.grant(for: digest)?.origins == .network)
    }
}
