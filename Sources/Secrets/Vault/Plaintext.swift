/// What was sealed, readable for the length of one use: locked against swapping, left out of dumps, zeroed when it goes.
///
/// It cannot be copied, so a provider's key in the clear has exactly one owner and one end (AU-9).
public struct Plaintext: ~Copyable, Sendable {
    private let memory: SecretBytes

    init(taking bytes: inout [UInt8]) { memory = SecretBytes(taking: &bytes) }

    init(_ memory: SecretBytes) { self.memory = memory }

    /// Lends the bytes; the span must not outlive the call.
    public borrowing func withBytes<Result, Fault: Error>(
        _ body: (Span<UInt8>) throws(Fault) -> Result
    ) throws(Fault) -> Result {
        try memory.withBytes(body)
    }
}
