import Accounts
import Console
import Policy
import Records
import Vocabulary

/// Writes to the owners and admins of organisations.
struct Announcer: Sendable {
    var people: People
    var audit: AuditLog
    /// The console's own.
    var address: String
    /// Days for which a mail server that is down is tried again.
    private static let patience: Int64 = 2

    /// - Parameter organisations: `nil` for all.
    /// - Returns: to how many people a letter is on its way; 0 where no mail server is configured.
    func tell(
        _ announcement: Announcement, _ organisations: [OrganisationID]?, at now: Moment
    ) throws(StorageFault) -> Int {
        guard people.outbox.canSend else { return 0 }
        var told: Set<MailAddress> = []
        let all = if let organisations { organisations } else { try people.organisations() }
        for organisation in all {
            let leaders = try people.leaders(of: organisation)
            guard !leaders.isEmpty else { continue }
            try audit.append(.noticeSend, by: .job, organisation: organisation, at: now)
            for person in leaders where !told.contains(person.mail) {
                let letter = announcement.letter(
                    to: person, address: address, endsAt: now.adding(days: Self.patience))
                if people.outbox.add(letter) { told.insert(person.mail) }
            }
        }
        return told.count
    }
}
