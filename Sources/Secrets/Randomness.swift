import Glibc

/// Bytes from the system's cryptographic generator, for salts and key material. One call asks for all of them: glibc hands
/// it to `getrandom`, which rekeys at each call, and ends the process where there is no randomness.
public func randomBytes(_ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        if let base = buffer.baseAddress { unsafe arc4random_buf(base, count) }
        filled = count
    }
}
