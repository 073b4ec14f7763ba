import Crypto

/// What lists of leaked passwords hold of one: SHA-1 in hexadecimal, upper case. Good for nothing else.
public func leakDigest(of password: String) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Insecure.SHA1.hash(data: Array(password.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
}
