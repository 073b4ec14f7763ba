import CCurl
import Secrets
import Vocabulary

/// Sends by libcurl: mail by SMTP, and webhooks with a signature. Addresses are the operator's own (`tacet.yaml`); no
/// redirect is followed.
enum AlertSender {
    static func mail(
        _ mail: [UInt8], _ settings: Settings.Alerts.Mail, _ password: SecretBytes?, _ roots: String?
    ) -> Bool {
        // A password goes over TLS, or to this machine.
        let isLocal = ["smtp://127.0.0.1", "smtp://[::1]", "smtp://localhost"].contains {
            settings.server.hasPrefix($0)
        }
        let secret = password?.withBytes { bytes in bytes.indices.map { bytes[$0] } + [0] }
        return unsafe withStrings(settings.to) { recipients in
            unsafe withText(secret) { password in
                unsafe withText(settings.user.map { Array($0.utf8) + [0] }) { user in
                    unsafe withText(roots.map { Array($0.utf8) + [0] }) { roots in
                        unsafe mail.withUnsafeBufferPointer { bytes in
                            unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                                unsafe tacet_curl_mail(
                                    settings.server, settings.from, recipients.baseAddress, recipients.count, user,
                                    password, roots, isLocal ? 0 : 1, bytes.baseAddress, bytes.count) == 0
                            }
                        }
                    }
                }
            }
        }
    }

    /// The header `x-tacet-signature: t=<seconds>,v1=<hex>` signs `t + "." + body` with HMAC-SHA-256 under the secret.
    static func post(_ body: [UInt8], to url: String, _ secret: SecretBytes, _ roots: String?, at now: Moment) -> Bool {
        let time = now.microseconds / 1_000_000
        let signature = MessageSigner(secret: secret).hex(Array("\(time).".utf8) + body)
        let headers = [
            "Content-Type: application/json", "User-Agent: tacet", "x-tacet-signature: t=\(time),v1=\(signature)",
        ]
        return unsafe withStrings(headers) { headers in
            unsafe withText(roots.map { Array($0.utf8) + [0] }) { roots in
                unsafe body.withUnsafeBufferPointer { bytes in
                    unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                        unsafe tacet_curl_post(
                            url, headers.baseAddress, headers.count, roots, bytes.baseAddress, bytes.count) == 0
                    }
                }
            }
        }
    }

    private static func withText<Value>(_ text: [UInt8]?, _ body: (UnsafePointer<CChar>?) -> Value) -> Value {
        guard let text else { return body(nil) }
        return unsafe text.withUnsafeBufferPointer { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe body($0.baseAddress) }
        }
    }

    private static func withStrings<Value>(
        _ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        // One block of memory with an end after each, and where each begins.
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in strings {
            starts.append(bytes.count)
            bytes += text.utf8CString
        }
        return unsafe bytes.withUnsafeBufferPointer { memory in
            let pointers = unsafe starts.map { start in unsafe memory.baseAddress.map { unsafe $0 + start } }
            return unsafe pointers.withUnsafeBufferPointer { unsafe body($0) }
        }
    }
}
