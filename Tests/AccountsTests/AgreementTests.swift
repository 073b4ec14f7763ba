import Accounts
import Policy
import Records
import Testing
import Vocabulary

/// AI-16, AN-29, AN-30: who agreed to what, and what is asked for again.
@Suite struct AgreementTests {
    private static let start = Moment(microseconds: 1_700_000_000_000_000)
    private static let today = start.microseconds / CivilDate.dayLength

    private static func publish(_ place: Place, _ page: LegalPage, _ number: Int64, from day: Int64) throws {
        try LegalStore(place.ledger).publish(
            PublishedEdition(
                number: number, effective: day, publishedAt: start, digest: [UInt8](repeating: UInt8(number), count: 32)
            ), of: page.number, [.english: [1]])
    }

    private static func member(_ id: UInt64, of organisation: OrganisationID = .home) -> MemberRow {
        MemberRow(id: MemberID(id), organisation: organisation, person: id, role: .viewer, joinedAt: start)
    }

    private static func names(_ points: [Agreements.Point]) -> [String] { points.map { "\($0.name) \($0.version)" } }

    /// Only what is in force is asked for, and again when another version comes into force.
    @Test func aPageIsAskedForFromItsDay() throws {
        let place = try Place(.aura)
        let agreements = place.rights.agreements
        #expect(try agreements.due(Self.member(4), at: Self.start).isEmpty, "nothing is published")
        try Self.publish(place, .terms, 1, from: Self.today)
        try Self.publish(place, .security, 1, from: Self.today)
        let first = try agreements.due(Self.member(4), at: Self.start)
        #expect(Self.names(first) == ["terms 1"])
        try agreements.agree(try #require(first.first), as: Self.member(4), at: Self.start)
        try Self.publish(place, .terms, 2, from: Self.today + 1)
        #expect(try agreements.due(Self.member(4), at: Self.start).isEmpty)
        let next = Self.start.adding(days: 1)
        #expect(Self.names(try agreements.due(Self.member(4), at: next)) == ["terms 2"])
        #expect(Self.names(try agreements.due(Self.member(5), at: Self.start)) == ["terms 1"], "another member")
    }

    @Test(arguments: [(ProfileID.aurixel, [Int64(16)]), (.auxen, [13]), (.aura, []), (.strict, [])])
    func theAgeIsAskedForWhereItIsPromised(_ profile: ProfileID, _ years: [Int64]) throws {
        let place = try Place(profile)
        let due = try place.rights.agreements.due(Self.member(4), at: Self.start)
        #expect(due.map(\.version) == years && due.allSatisfy { $0.subject == .age })
    }

    /// What an organisation agreed to as such holds for its members, but for their age, and for nobody else.
    @Test func anOrganisationAgreesForItsMembers() throws {
        let place = try Place(.aurixel)
        let agreements = place.rights.agreements
        try Self.publish(place, .dpa, 1, from: Self.today)
        for point in try agreements.inForce(at: Self.start) {
            try agreements.agree(point, as: Self.member(MemberID.none.value), at: Self.start)
        }
        #expect(Self.names(try agreements.due(Self.member(4), at: Self.start)) == ["age 16"])
        let other = Self.member(6, of: OrganisationID(2))
        #expect(Self.names(try agreements.due(other, at: Self.start)) == ["age 16", "dpa 1"])
    }
}
