import Policy
import Synchronization
import Vocabulary

/// The gate that every outbound client asks: what is not in the register of recipients cannot be called.
final class EgressList: Egress {
    private let register: Mutex<RecipientRegister>

    init(_ register: RecipientRegister) { self.register = Mutex(register) }

    /// What is called today: the page of recipients shows it.
    var recipients: RecipientRegister { register.withLock { $0 } }

    func replace(_ register: RecipientRegister) { self.register.withLock { $0 = register } }

    func allows(host: String, port: Int, dataClass: DataClass) -> Bool {
        switch dataClass {
        case .relay: allows(host: host, port: port, .relay)
        }
    }

    func allows(host: String, port: Int, _ data: Recipient.Class) -> Bool {
        register.withLock { $0.allows(host: host, port: port, data) }
    }
}
