import Testing
import Vocabulary

@Suite struct ReceiptTests {
    @Test func canonicalBytesHaveTheirPublishedLength() {
        #expect(sampleReceipt().canonicalBytes.count == Receipt.encodedLength)
    }
}

func sampleReceipt() -> Receipt {
    Receipt(
        id: RequestID(at: Moment(microseconds: 1_700_000_000_000_000), random: (5, 99)),
        served: NodeEpoch(node: 1, epoch: 2), openedAt: Moment(microseconds: 7), organisation: .home, key: KeyID(3),
        dialect: .openAI, endpoint: .chatCompletions)
}
