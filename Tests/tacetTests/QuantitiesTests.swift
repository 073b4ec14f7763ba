import Testing
import Vocabulary

@testable import tacet

struct QuantitiesTests {
    @Test(arguments: [
        ("512", 512), ("0", 0), ("1B", 1), ("64KiB", 65_536), ("32MiB", 33_554_432), ("1 GiB", 1 << 30),
        ("10MB", 10_000_000),
    ])
    func sizes(text: String, bytes: Int) { #expect(Quantities.size(text) == bytes) }

    @Test(arguments: ["", "MiB", "-1", "1.5MiB", "32mib", "32XB", "32MiBs", "9999999999999GiB", "1e3", "٣MiB"])
    func notSizes(text: String) { #expect(Quantities.size(text) == nil) }

    @Test(arguments: [("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("1h", 3_600_000), ("0s", 0)])
    func durations(text: String, milliseconds: Int64) { #expect(Quantities.duration(text) == milliseconds) }

    @Test(arguments: ["", "10", "s", "1.5s", "-1s", "10 parsecs", "10S", "99999999999999999h"])
    func notDurations(text: String) { #expect(Quantities.duration(text) == nil) }

    @Test(arguments: [
        ("0", 0), ("20", 20_000_000_000), ("0.50", 500_000_000), ("0.000000001", 1), ("1.1", 1_100_000_000),
        ("9223372036.854775807", Int64.max),
    ])
    func dollars(text: String, nano: Int64) { #expect(Quantities.dollars(text) == NanoUSD(nano)) }

    /// 9,223,372,036.854775808 is one nano-USD too much; floating point would let it pass.
    @Test(arguments: [
        "", ".", ".5", "5.", "-1", "+1", "1e3", "1,000", "0.0000000001", "9223372036.854775808", "1.2.3", "٣",
    ])
    func notDollars(text: String) { #expect(Quantities.dollars(text) == nil) }

    @Test(arguments: [("0.25", 250_000), ("15", 15_000_000), ("0.000001", 1)])
    func perMillion(text: String, pico: Int64) { #expect(Quantities.perMillion(text) == PicoUSD(pico)) }

    @Test(arguments: [
        (0, "0.00"), (500_000_000, "0.50"), (1, "0.000000001"), (-1_500_000_000, "-1.50"), (12_345_000_000, "12.345"),
        (Int64.max, "9223372036.854775807"),
    ])
    func writtenForm(nano: Int64, text: String) {
        #expect(Quantities.text(NanoUSD(nano)) == text)
        if nano >= 0 { #expect(Quantities.dollars(text) == NanoUSD(nano)) }
    }
}
