import Vocabulary

// Operations as chains of transfers.

extension LedgerState {
    /// Performs one operation at the time `moment`, or at the newest transfer's if that is later.
    mutating func perform(
        _ operation: LedgerOperation, at moment: Moment
    ) throws(Source.Failure) -> LedgerAnswer {
        advance(to: moment)
        switch operation {
        case .expireHolds(let limit):
            let due = try due(limit: Self.bounded(limit))
            for transfer in due { try expire(transfer) }
            return LedgerAnswer(result: .created, count: due.count)
        case .expirePromotions(let limit): return try expirePromotions(Self.bounded(limit))
        default:
            if let id = operation.id {
                if id == .zero { return LedgerAnswer(result: .idMustNotBeZero) }
                if id == .max { return LedgerAnswer(result: .idMustNotBeMax) }
                if let result = try replay(operation, id) { return LedgerAnswer(result: result) }
                if try hasFailed(id) { return LedgerAnswer(result: .idAlreadyFailed) }
            }
            let result = try perform(operation)
            if result.isTransient, let id = operation.id { fail(id) }
            return LedgerAnswer(result: result)
        }
    }

    /// As many as one transaction should hold.
    private static func bounded(_ limit: Int) -> Int { min(max(0, limit), 100_000) }

    private mutating func perform(_ operation: LedgerOperation) throws(Source.Failure) -> TransferResult {
        switch operation {
        case .topUp(let id, let organisation, let amount, let processor, let note):
            return try move(
                id, from: AccountName(.clearing, number: UInt64(processor)), to: .wallet(organisation), amount, .topUp,
                note: note)
        case .promotion(let id, let organisation, let amount, let priority, let expiresAt):
            let name = AccountName.promotion(organisation, grant: id)
            try open(name, priority: priority, expiresAt: expiresAt)
            return try move(id, from: AccountName(.promotionCost), to: name, amount, .promotion)
        case .hold(let id, let organisation, let amount, let timeout):
            return try hold(id, organisation, amount.value, timeout)
        case .settle(let id, let hold, let amount): return try settle(id, hold, amount.value)
        case .settleLate(let id, let hold, let amount): return try settleLate(id, hold, amount.value)
        case .void(let id, let hold):
            let parts = try parts(of: hold)
            guard !parts.isEmpty else { return .pendingNotFound }
            let chain = parts.enumerated().map { index, part in
                LedgerTransfer(
                    id.part(index), .void, amount: 0, pending: part.transfer.id, code: .usage, parts: parts.count)
            }
            return try outcome(of: chain)
        case .refund(let id, let hold, let amount): return try refund(id, hold, amount.value)
        case .refundPayment(let id, let topUp, let amount):
            return try takeBack(id, topUp, amount, .paymentRefund)
        case .disputeOpened(let id, let topUp, let amount):
            return try takeBack(id, topUp, amount, .disputeOpened)
        case .disputeWon(let id, let dispute): return try decide(id, dispute, .disputeWon)
        case .disputeLost(let id, let dispute): return try decide(id, dispute, .disputeLost)
        case .writeOff(let id, let organisation, let amount):
            guard let wallet = try account(AccountName.wallet(organisation).id) else { return .creditNotFound }
            guard amount <= .zero - wallet.balance else { return .exceedsSubject }
            return try move(id, from: AccountName(.writeOff), to: wallet.name, amount, .writeOff)
        case .providerCost(let id, let hold, let amount):
            return try move(
                id, from: AccountName(.providerCost), to: AccountName(.providerPayable), amount, .providerCost,
                subject: hold)
        case .lease(let id, let organisation, let node, let amount):
            return try lease(id, organisation, node, amount.value)
        case .leaseUsage(let id, let organisation, let node, let amount, let subject):
            return try leaseUsage(id, organisation, node, amount.value, subject)
        case .leaseReturn(let id, let organisation, let node, let amount):
            return try leaseReturn(id, organisation, node, amount.value)
        case .expireHolds, .expirePromotions: return .created
        }
    }

    /// One transfer between accounts that are opened where they are missing.
    private mutating func move(
        _ id: LedgerID, from debit: AccountName, to credit: AccountName, _ amount: NanoUSD, _ code: TransferCode,
        subject: LedgerID = .zero, note: UInt64 = 0
    ) throws(Source.Failure) -> TransferResult {
        if amount < .zero { return .amountMustNotBeNegative }
        try open(debit)
        try open(credit)
        return try outcome(of: [
            LedgerTransfer(
                id, .single, debit: debit.id, credit: credit.id, amount: amount.value, code: code, subject: subject,
                note: note)
        ])
    }

    mutating func outcome(of chain: [LedgerTransfer]) throws(Source.Failure) -> TransferResult {
        try apply(chain).first { $0 != .linkedEventFailed } ?? .created
    }

    /// The transfers of an operation, in the order frozen when it was recorded.
    private mutating func parts(of id: LedgerID) throws(Source.Failure) -> [ResolvedTransfer] {
        guard let first = try transfer(id) else { return [] }
        var parts = [first]
        for number in 1..<max(1, Int(first.transfer.parts)) {
            if let part = try transfer(id.part(number)) { parts.append(part) }
        }
        return parts
    }

    /// Which accounts pay an amount: promotions by priority, expiry and creation, then the wallet. Where all do not
    /// suffice, the paid wallet is asked for the rest and says no.
    mutating func shares(
        of amount: Int64, _ organisation: OrganisationID
    ) throws(Source.Failure) -> [(account: LedgerID, amount: Int64)] {
        let moment = now
        let grants = try promotions(of: organisation.value).filter { account in
            account.available > .zero && account.expiresAt.map { $0 > moment } ?? true
        }
        .sorted { $0.burns(before: $1) }
        var rest = amount
        var shares: [(account: LedgerID, amount: Int64)] = []
        for grant in grants where rest > 0 {
            let share = min(rest, grant.available.value)
            shares.append((grant.id, share))
            rest -= share
        }
        if rest > 0 || shares.isEmpty { shares.append((AccountName.wallet(organisation).id, rest)) }
        return shares
    }

    // MARK: Hold and what resolves it

    private mutating func hold(
        _ id: LedgerID, _ organisation: OrganisationID, _ amount: Int64, _ timeout: UInt32
    ) throws(Source.Failure) -> TransferResult {
        if amount < 0 { return .amountMustNotBeNegative }
        if timeout == 0 { return .timeoutMustNotBeZero }
        let shares = try shares(of: amount, organisation)
        try open(AccountName(.revenue))
        let chain = shares.enumerated().map { index, share in
            LedgerTransfer(
                id.part(index), .pending, debit: share.0, credit: AccountName(.revenue).id, amount: share.1,
                timeout: timeout, code: .usage, parts: shares.count)
        }
        return try outcome(of: chain)
    }

    private mutating func settle(
        _ id: LedgerID, _ hold: LedgerID, _ amount: Int64
    ) throws(Source.Failure) -> TransferResult {
        if amount < 0 { return .amountMustNotBeNegative }
        let parts = try parts(of: hold)
        guard !parts.isEmpty else { return .pendingNotFound }
        var rest = amount
        var chain: [LedgerTransfer] = []
        for (index, part) in parts.enumerated() {
            let share = min(rest, part.transfer.amount)
            rest -= share
            let kind: LedgerTransfer.Kind = share == 0 && index > 0 ? .void : .post
            chain.append(
                LedgerTransfer(id.part(index), kind, amount: share, pending: part.transfer.id, code: .usage))
        }
        try appendExcess(rest, of: hold, id, to: &chain)
        return try outcome(of: chain)
    }

    private mutating func settleLate(
        _ id: LedgerID, _ hold: LedgerID, _ amount: Int64
    ) throws(Source.Failure) -> TransferResult {
        if amount < 0 { return .amountMustNotBeNegative }
        let parts = try parts(of: hold)
        guard let first = parts.first, let owner = AccountName(first.transfer.debit) else { return .pendingNotFound }
        guard parts.allSatisfy({ $0.resolution?.kind == .expire }) else { return .pendingNotExpired }
        if try about(hold).contains(where: { $0.code == .lateUsage }) { return .pendingAlreadyPosted }
        let wallet = AccountName(.wallet, organisation: owner.organisation)
        try open(wallet)
        let charge = min(amount, parts.reduce(0) { $0 + $1.transfer.amount })
        var chain = [
            LedgerTransfer(
                id, .single, debit: wallet.id, credit: AccountName(.revenue).id, amount: charge, code: .lateUsage,
                subject: hold)
        ]
        try appendExcess(amount - charge, of: hold, id, to: &chain)
        return try outcome(of: chain)
    }

    private mutating func appendExcess(
        _ excess: Int64, of hold: LedgerID, _ id: LedgerID, to chain: inout [LedgerTransfer]
    ) throws(Source.Failure) {
        if excess > 0 {
            try open(AccountName(.writeOff))
            chain.append(
                LedgerTransfer(
                    id.part(chain.count), .single, debit: AccountName(.writeOff).id, credit: AccountName(.revenue).id,
                    amount: excess, code: .excess, subject: hold))
        }
        for index in chain.indices { chain[index].parts = UInt16(clamping: chain.count) }
    }

    // MARK: Giving back

    private mutating func refund(
        _ id: LedgerID, _ hold: LedgerID, _ amount: Int64
    ) throws(Source.Failure) -> TransferResult {
        if amount < 0 { return .amountMustNotBeNegative }
        var charged = try parts(of: hold).compactMap { part in
            part.resolution?.kind == .post ? (part.transfer.debit, part.resolution?.amount ?? 0) : nil
        }
        let about = try about(hold)
        for late in about where late.code == .lateUsage { charged.append((late.debit, late.amount)) }
        guard !charged.isEmpty else { return .subjectNotFound }
        var refunded: [LedgerID: Int64] = [:]
        for earlier in about where earlier.code == .refund { refunded[earlier.credit, default: 0] += earlier.amount }
        var rest = amount
        var shares: [(LedgerID, Int64)] = []
        for (account, sum) in charged.reversed() where rest > 0 {
            let share = min(rest, sum - refunded[account, default: 0])
            guard share > 0 else { continue }
            shares.append((account, share))
            rest -= share
        }
        guard rest == 0 else { return .exceedsSubject }
        if shares.isEmpty { shares.append((charged[0].0, 0)) }
        try open(AccountName(.refunds))
        let chain = shares.enumerated().map { index, share in
            LedgerTransfer(
                id.part(index), .single, debit: AccountName(.refunds).id, credit: share.0, amount: share.1,
                code: .refund, subject: hold, parts: shares.count)
        }
        return try outcome(of: chain)
    }

    /// A payment that goes back to where it came from, at most once as a whole.
    private mutating func takeBack(
        _ id: LedgerID, _ topUp: LedgerID, _ amount: NanoUSD, _ code: TransferCode
    ) throws(Source.Failure) -> TransferResult {
        guard let payment = try transfer(topUp)?.transfer, payment.code == .topUp,
            let wallet = AccountName(payment.credit), let clearing = AccountName(payment.debit)
        else { return .subjectNotFound }
        var left = NanoUSD(payment.amount)
        for earlier in try about(topUp) where earlier.debit == payment.credit {
            let isReturned = try about(earlier.id).contains { $0.code == .disputeWon }
            if !isReturned { left -= NanoUSD(earlier.amount) }
        }
        guard amount <= left else { return .exceedsSubject }
        let other = code == .disputeOpened ? AccountName(.disputes) : clearing
        return try move(id, from: wallet, to: other, amount, code, subject: topUp)
    }

    private mutating func decide(
        _ id: LedgerID, _ dispute: LedgerID, _ code: TransferCode
    ) throws(Source.Failure) -> TransferResult {
        guard let opened = try transfer(dispute)?.transfer, opened.code == .disputeOpened,
            let payment = try transfer(opened.subject)?.transfer, let wallet = AccountName(opened.debit),
            let clearing = AccountName(payment.debit)
        else { return .subjectNotFound }
        if try !about(dispute).isEmpty { return .disputeAlreadyDecided }
        return try move(
            id, from: AccountName(.disputes), to: code == .disputeWon ? wallet : clearing, NanoUSD(opened.amount), code,
            subject: dispute)
    }

    private mutating func expirePromotions(_ limit: Int) throws(Source.Failure) -> LedgerAnswer {
        let expired = try expiredPromotions(limit: limit)
        for account in expired {
            // Credit that a hold returns later expires then, under the next number.
            var number = 1
            while try transfer(account.id.part(number)) != nil { number += 1 }
            _ = try move(
                account.id.part(number), from: account.name, to: AccountName(.breakage), account.available,
                .promotionExpired)
        }
        return LedgerAnswer(result: .created, count: expired.count)
    }
}
