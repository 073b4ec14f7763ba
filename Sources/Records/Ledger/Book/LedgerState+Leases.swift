import Vocabulary

// Leases: credit that left its wallet for a node, which spends it in memory and accounts for it later (`RULES.md` 30).

extension LedgerState {
    mutating func lease(
        _ id: LedgerID, _ organisation: OrganisationID, _ node: UInt16, _ amount: Int64
    ) throws(Source.Failure) -> TransferResult {
        if amount < 0 { return .amountMustNotBeNegative }
        let shares = try shares(of: amount, organisation)
        var chain: [LedgerTransfer] = []
        for (index, share) in shares.enumerated() {
            guard let origin = AccountName(share.account) else { return .debitNotFound }
            let lease = AccountName.lease(of: origin, node: node)
            // It burns where its origin would.
            let account = try account(share.account)
            try open(lease, priority: account?.priority ?? .max)
            chain.append(
                LedgerTransfer(
                    id.part(index), .single, debit: share.account, credit: lease.id, amount: share.amount,
                    code: .lease, parts: shares.count))
        }
        return try outcome(of: chain)
    }

    mutating func leaseUsage(
        _ id: LedgerID, _ organisation: OrganisationID, _ node: UInt16, _ amount: Int64, _ subject: LedgerID
    ) throws(Source.Failure) -> TransferResult {
        if amount < 0 { return .amountMustNotBeNegative }
        try open(AccountName(.revenue))
        var rest = amount
        var chain: [LedgerTransfer] = []
        for lease in try inBurnOrder(organisation, node) where rest > 0 && lease.available > .zero {
            let share = min(rest, lease.available.value)
            rest -= share
            chain.append(
                LedgerTransfer(
                    id.part(chain.count), .single, debit: lease.id, credit: AccountName(.revenue).id, amount: share,
                    code: .usage, subject: subject))
        }
        if rest > 0 || chain.isEmpty {
            try open(AccountName(.writeOff))
            // The code of the first transfer is the operation's.
            chain.append(
                LedgerTransfer(
                    id.part(chain.count), .single, debit: AccountName(.writeOff).id, credit: AccountName(.revenue).id,
                    amount: rest, code: chain.isEmpty ? .usage : .excess, subject: subject))
        }
        for index in chain.indices { chain[index].parts = UInt16(clamping: chain.count) }
        return try outcome(of: chain)
    }

    mutating func leaseReturn(
        _ id: LedgerID, _ organisation: OrganisationID, _ node: UInt16, _ amount: Int64
    ) throws(Source.Failure) -> TransferResult {
        if amount < 0 { return .amountMustNotBeNegative }
        var rest = amount
        var chain: [LedgerTransfer] = []
        for lease in try inBurnOrder(organisation, node).reversed() where rest > 0 && lease.available > .zero {
            let share = min(rest, lease.available.value)
            rest -= share
            chain.append(
                LedgerTransfer(
                    id.part(chain.count), .single, debit: lease.id, credit: lease.name.origin.id, amount: share,
                    code: .leaseReturn))
        }
        if rest > 0 { return .exceedsSubject }
        if chain.isEmpty {
            // Nothing leaves a trace too, so that its repeat is found.
            let lease = AccountName.lease(of: .wallet(organisation), node: node)
            try open(lease)
            chain.append(
                LedgerTransfer(
                    id, .single, debit: lease.id, credit: lease.origin.id, amount: 0, code: .leaseReturn))
        }
        for index in chain.indices { chain[index].parts = UInt16(clamping: chain.count) }
        return try outcome(of: chain)
    }

    /// A node's leases of an organisation: as their promotions burn, the wallet's last.
    private mutating func inBurnOrder(
        _ organisation: OrganisationID, _ node: UInt16
    ) throws(Source.Failure) -> [LedgerAccount] {
        var keyed: [(lease: LedgerAccount, origin: LedgerAccount?)] = []
        for lease in try leases(of: organisation.value, node: node) {
            let origin = lease.name.origin
            keyed.append((lease, origin.kind == .promotion ? try account(origin.id) : nil))
        }
        keyed.sort { a, b in
            guard let first = a.origin else { return false }
            guard let second = b.origin else { return true }
            return first.burns(before: second)
        }
        return keyed.map(\.lease)
    }
}
