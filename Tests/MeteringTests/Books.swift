import Metering
import Vocabulary

/// A small book with every kind of line.
let sample = """
    tacet-prices 1 20261121
    # a comment
    source o https://example.test/openai the openai page
    source a https://example.test/anthropic the anthropic page
    price openai gpt-4o 0 o ctx=128000 max=16384 in=2500000 cr=1250000 out=10000000
    price openai gpt-4o-2024-05-13 0 o in=5000000 out=15000000
    price openai gpt-audio 0 o in=2500000 ain=40000000 out=10000000 aout=80000000
    price openai gpt-6-astra 0 o in=10000000 cr=1000000 out=50000000 >272000 in=20000000 cr=2000000 out=75000000
    price anthropic claude-sonnet-4-5 0 a in=3000000 cr=300000 w5=3750000 w1=6000000 out=15000000 >200000 in=6000000 cr=600000 w5=7500000 w1=12000000 out=22500000
    price anthropic claude-sonnet-5 0-20260901 a in=2000000 out=10000000
    price anthropic claude-sonnet-5 20260901 a in=3000000 out=15000000
    price perplexity sonar-deep-research 0 o in=2000000 out=8000000 rsn=3000000 srch=5000000000
    price openai whisper-1 0 o ms=100000
    price openai tts-1 0 o chr=15000000
    price openai gpt-image-1 0 o in=5000000 iin=10000000 iout=40000000 img=40000000000
    price openai levels 0 o ctx=10 max=5 req=7000 region=1100000 in=2000000 cr=200000 out=4000000 >100 in=4000000 out=6000000 @batch x=500000 @priority in=4000000 out=8000000 >100 in=8000000
    alias openai gpt-4o-2024-08-06 gpt-4o

    """

func book(_ text: String) throws(PriceBookFault) -> PriceBook { try PriceBook(Array(text.utf8).span) }

func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

func usage(_ counts: (UsageClass, Int64)...) -> TokenUsage {
    var usage = TokenUsage()
    for (kind, count) in counts { usage[kind] = count }
    return usage
}

/// Midnight UTC of a day since 1970.
func day(_ number: Int64) -> Moment { Moment(microseconds: number * 86_400_000_000) }

/// 2026-11-21.
let now = day(20_778)

/// The same sequence for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
