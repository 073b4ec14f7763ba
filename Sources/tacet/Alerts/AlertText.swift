import Foundation
import Records
import Vocabulary

/// What an alert says to a person.
enum AlertText {
    static func sentence(_ alert: Alert, owner: String) -> String {
        func money(_ amount: Int64) -> String { LedgerCommand.text(amount) }
        switch alert.kind {
        case .budget:
            let part = alert.level >= 100 ? "is used up" : "is used by \(alert.level) %"
            return
                "The budget of \(owner) per \(alert.period.name) \(part): \(money(alert.amount)) of \(money(alert.limit))."
        case .balance: return "The credit of \(owner) is below \(money(alert.limit)): \(money(alert.amount)) is left."
        case .pace:
            return
                "The credit of \(owner) is empty in \(alert.level) hours at this rate: \(money(alert.amount)) is left, "
                + "\(money(alert.limit)) was spent in a day."
        case .spending:
            return "\(owner) spent \(money(alert.amount)) in an hour; \(money(alert.limit)) is usual."
        case .errors:
            return "\(alert.amount / 10) % of \(owner)'s requests failed in an hour; \(alert.limit / 10) % is usual."
        case .latency:
            return "\(owner)'s requests took \(alert.amount / 1000) ms in an hour; \(alert.limit / 1000) ms is usual."
        case .routing, .compression:
            return "\(alert.kind.name) was switched off: \(alert.amount / 10) % of its requests turned out well, "
                + "\(alert.limit / 10) % of the control arm's."
        case .proposal:
            return "Proposal \(alert.level) of the router waits for review: it would save \(money(alert.amount)) "
                + "a month at \(alert.limit / 10).\(alert.limit % 10) % less quality. `tacet router proposals` shows it."
        }
    }

    /// A whole mail (RFC 5322), ASCII but for the name of a key, which is why its text is declared UTF-8.
    static func mail(_ line: AlertLine, from: String, to: [String], at now: Moment) -> [UInt8] {
        mail(
            [line.text, "", "Cause: \(line.cause)", "All alerts: tacet alerts list"],
            subject: "Tacet: \(line.kind) alert",
            id: "alert-\(line.id)", from: from, to: to, at: now)
    }

    /// - Parameter subject: in any script; the lines of the text too.
    static func mail(
        _ text: [String], subject: String, id: String, from: String, to: [String], at now: Moment
    ) -> [UInt8] {
        let host = from.split(separator: "@").last ?? "localhost"
        let isPlain = subject.utf8.allSatisfy { (0x20...0x7e).contains($0) }
        let subject = isPlain ? subject : "=?utf-8?B?\(Data(subject.utf8).base64EncodedString())?="
        let lines =
            [
                "From: Tacet <\(from)>", "To: \(to.joined(separator: ", "))", "Subject: \(subject)",
                "Date: \(date(now))", "Message-ID: <\(id)@\(host)>", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
                "Auto-Submitted: auto-generated", "",
            ] + text + [""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    /// `Sat, 21 Nov 2026 14:31:05 +0000`, from the ISO form.
    static func date(_ now: Moment) -> String {
        let iso = now.text
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let days = now.microseconds / 86_400_000_000
        let parts = iso.split(separator: "T")
        let date = parts[0].split(separator: "-")
        guard date.count == 3, let month = Int(date[1]), (1...12).contains(month) else { return iso }
        return "\(weekdays[Int(days % 7)]), \(date[2]) \(months[month - 1]) \(date[0]) \(parts[1].dropLast()) +0000"
    }
}
