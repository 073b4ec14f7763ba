import Glibc

/// SHA-256 from FIPS 180-4, for tests only: it shares nothing with the library that is tested.
func sha256(_ message: [UInt8]) -> [UInt8] {
    let constants = cubeRoots
    var state = squareRoots
    var padded = message + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
        padded.append(UInt8(truncatingIfNeeded: UInt64(message.count * 8) >> UInt64(shift)))
    }
    func turned(_ value: UInt32, _ by: UInt32) -> UInt32 { value >> by | value << (32 - by) }
    for block in stride(from: 0, to: padded.count, by: 64) {
        var words = (0..<16).map { index in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(padded[block + index * 4 + $1]) }
        }
        for index in 16..<64 {
            let low = turned(words[index - 15], 7) ^ turned(words[index - 15], 18) ^ words[index - 15] >> 3
            let high = turned(words[index - 2], 17) ^ turned(words[index - 2], 19) ^ words[index - 2] >> 10
            words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
        }
        var v = state
        for index in 0..<64 {
            let high = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)
            let chosen = v[4] & v[5] ^ ~v[4] & v[6]
            let first = v[7] &+ high &+ chosen &+ constants[index] &+ words[index]
            let low = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)
            let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
            v = [first &+ low &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        state = zip(state, v).map { $0 &+ $1 }
    }
    return state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
}

/// The first 32 bits behind the point of the roots of the first primes.
private let cubeRoots = primes.map { root($0, 1.0 / 3) }
private let squareRoots = primes.prefix(8).map { root($0, 0.5) }
private let primes = (2...311).filter { number in !(2..<number).contains { number % $0 == 0 } }

private func root(_ prime: Int, _ power: Double) -> UInt32 {
    let value = pow(Double(prime), power)
    return UInt32((value - value.rounded(.down)) * 4_294_967_296)
}

/// HMAC-SHA-256 from RFC 2104.
func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    let block = (key.count > 64 ? sha256(key) : key)
    let padded = block + [UInt8](repeating: 0, count: 64 - block.count)
    return sha256(padded.map { $0 ^ 0x5c } + sha256(padded.map { $0 ^ 0x36 } + message))
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}
