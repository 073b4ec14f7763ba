import Accounts
import Policy
import Secrets
import Vocabulary

/// Sends letters to people by the mail server of the alerts.
enum LetterSender {
    /// `nil` where no mail server is configured.
    static func sender(
        _ settings: Settings, environment: [String: String], egress: EgressList
    ) throws(Failure) -> (@Sendable (Letter) -> Bool)? {
        guard var mail = settings.alerts.mail, let (host, port) = settings.alerts.mailServer else { return nil }
        let password = try mail.password.flatMap { source throws(Failure) in
            try ProviderKeys.load(source, environment: environment)
        }
        let roots = settings.upstreamRoots
        mail.to = []
        return { [mail] letter in
            guard egress.allows(host: host, port: port, .letter) else { return false }
            var mail = mail
            mail.to = [letter.to.text]
            let id = "letter-" + SessionToken.base64url(randomBytes(12))
            let lines = letter.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let bytes = AlertText.mail(
                lines, subject: letter.subject, id: id, from: mail.from, to: mail.to, at: .now)
            return AlertSender.mail(bytes, mail, password, roots)
        }
    }
}
