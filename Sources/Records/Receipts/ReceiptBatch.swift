import Secrets
import Vocabulary

/// Receipts on their way into the ledger: their canonical bytes, and of each what is booked of it.
struct ReceiptBatch {
    struct Entry {
        var sequence: UInt64
        var id: RequestID
        var booked: BatchSummary.Entry
    }

    private(set) var entries: [Entry] = []
    private(set) var leaves = SaltedLeaves(schema: Receipt.schema, contentLength: Receipt.encodedLength)

    mutating func append(_ receipt: Receipt, canonical: RawSpan, sequence: UInt64) {
        entries.append(Entry(sequence: sequence, id: receipt.id, booked: BatchSummary.Entry(receipt)))
        leaves.append(canonical)
    }

    /// Once all are there.
    mutating func salt() { leaves.salt() }

    /// Forgets all receipts and keeps the memory: fresh pages for every batch take a tenth of a drain's time.
    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        leaves.removeAll()
    }
}

/// What a batch's receipts come to, kept beside its head so that totals and lists need not read every row.
struct BatchSummary {
    /// What is booked of one receipt.
    struct Entry {
        var openedAt: Moment
        var key: KeyID
        var organisation: OrganisationID
        var member: MemberID
        var model: ModelID
        var deployment: DeploymentID
        var category: TaskCategory
        /// An organisation's credit stood behind it.
        var isPrepaid: Bool
        var failed: Bool
        var input: Int64
        var cached: Int64
        var output: Int64
        var providerCost: NanoUSD
        var charge: NanoUSD
        var saved: NanoUSD
        var savedByCompression: NanoUSD
        var savedByCache: NanoUSD
        var savedByRecovery: NanoUSD
        var microseconds: Int64

        init(_ receipt: Receipt) {
            openedAt = receipt.openedAt
            key = receipt.key
            organisation = receipt.organisation
            member = MemberID(receipt.member)
            model = receipt.servedModel == .other ? receipt.requestedModel : receipt.servedModel
            deployment = receipt.deployment
            category = receipt.category
            isPrepaid = receipt.hold & Hold.prepaidBit != 0
            cached = receipt.tokens[.cacheRead]
            saved = receipt.saved
            savedByCompression = receipt.savedByCompression
            savedByCache = receipt.savedByCache
            savedByRecovery = receipt.savedByRecovery
            microseconds = max(0, receipt.totalMicroseconds)
            failed = receipt.error != .none
            input = receipt.tokens.totalInput
            output = receipt.tokens.totalOutput
            providerCost = receipt.providerCost
            charge = receipt.charge
        }
    }

    private(set) var receipts: Int64 = 0
    private(set) var failed: Int64 = 0
    private(set) var input: Int64 = 0
    private(set) var output: Int64 = 0
    private(set) var providerCost = NanoUSD.zero
    private(set) var charge = NanoUSD.zero
    /// `nil` without receipts.
    private(set) var oldest: Moment?
    private(set) var newest: Moment?
    /// By minute, key and what served.
    private(set) var usage: [UsageKey: UsageSums] = [:]
    /// Charges of prepaid organisations, with the first receipt of each and what providers take for them.
    private(set) var prepaid: [OrganisationID: (first: RequestID, charge: NanoUSD, cost: NanoUSD)] = [:]

    /// What organisations that were purged used, for the budgets of providers and of the installation alone.
    private(set) var nameless: [UsageKey: UsageSums] = [:]

    var keys: Set<KeyID> { Set(usage.keys.map(\.key)) }

    mutating func add(_ entry: Entry, id: RequestID) {
        add(entry)
        charge(entry, id)
    }

    /// Of a purged organisation's late receipt the amount alone is booked (`RULES.md` 39).
    mutating func addAmount(_ entry: Entry, id: RequestID) {
        nameless[UsageKey(nameless: entry), default: UsageSums()].add(entry)
        charge(entry, id)
    }

    private mutating func charge(_ entry: Entry, _ id: RequestID) {
        guard entry.isPrepaid else { return }
        var sum = prepaid[entry.organisation] ?? (id, .zero, .zero)
        sum.charge += entry.charge
        sum.cost += entry.providerCost
        prepaid[entry.organisation] = sum
    }

    mutating func add(_ entry: Entry) {
        receipts += 1
        if entry.failed { failed += 1 }
        input = Self.sum(input, entry.input)
        output = Self.sum(output, entry.output)
        providerCost += entry.providerCost
        charge += entry.charge
        oldest = min(oldest ?? entry.openedAt, entry.openedAt)
        newest = max(newest ?? entry.openedAt, entry.openedAt)
        usage[UsageKey(entry), default: UsageSums()].add(entry)
    }

    /// Counts stop at the end of their range, as amounts do.
    static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (value, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : value
    }
}
