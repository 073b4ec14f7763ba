import Metering
import Vocabulary

extension AuditEngine {
    /// Reads the row whose fields are in `slots`, by the style of its format.
    mutating func interpret(_ row: Span<UInt8>, _ layout: Layout) {
        switch layout.style {
        case .empty: files[files.count - 1].parsed += 1
        case .wide: wide(row, layout)
        case .billing: billing(row, layout)
        case .agent:
            if layout.name == text("codex") { codex(row) } else { claudeCode(row) }
        }
    }

    /// What all styles share: time, names, class of service.
    mutating func common(_ row: Span<UInt8>, _ layout: Layout) -> UsageRow? {
        var out = UsageRow()
        if slots.has(.time) {
            guard let time = slots.moment(.time, row) else {
                skip(.badTime)
                return nil
            }
            out.time = time
            if let since = options.since, time < since.microseconds {
                skip(.beforeSince)
                return nil
            }
        }
        out.key = number(.key, row) { $0.keys.number($1) }
        out.project = number(.project, row) { $0.projects.number($1) }
        out.user = number(.user, row) { $0.users.number($1) }
        out.model = number(.model, row) { $0.models.number($1) }
        if slots.has(.provider), layout.style == .wide {
            out.provider = number(.provider, row) { $0.providers.number($1) }
        } else if !layout.provider.isEmpty {
            out.provider = names.providers.number(layout.provider.span)
        }
        out.tier = tier(row)
        out.isFast = slots.matches(.speed, "fast", row)
        out.isRegional = slots.matches(.geography, "us", row)
        if slots.has(.context) {
            let context = slots.bytes(.context, row)
            out.isLongContext = context.first == 0x3e || context.starts(with: text("200k"))
        }
        out.isKeyDisabled =
            slots.isTrue(.keyStatus, row) || slots.matches(.keyStatus, "archived", row)
            || slots.matches(.keyStatus, "inactive", row)
        return out
    }

    /// The number of a name, its escapes resolved.
    private mutating func number(
        _ field: Field, _ row: Span<UInt8>, _ add: (inout Names, Span<UInt8>) -> Int32
    ) -> Int32 {
        guard slots.has(field) else { return NameTable.none }
        switch slots.form(field) {
        case .escaped, .doubled:
            let bytes = slots.bytes(field, row)
            return add(&names, bytes.span)
        case .object, .array: return NameTable.none
        default: return add(&names, row.extracting(slots.range(field)))
        }
    }

    private func tier(_ row: Span<UInt8>) -> ServiceTier {
        if slots.isTrue(.batch, row) || slots.matches(.tier, "batch", row) { return .batch }
        if slots.matches(.tier, "flex", row) || slots.matches(.tier, "flex_discount", row) { return .flex }
        return slots.matches(.tier, "priority", row) ? .priority : .standard
    }

    /// Counts a row: price, sums, evidence. `identity` tells it from rows of other files.
    mutating func count(_ row: UsageRow, identity: UInt64) {
        if options.severalFiles, known.isKnown(identity, file: Int32(files.count)) {
            return skip(.repeatedInOtherFile)
        }
        files[files.count - 1].parsed += 1
        settle(row)
    }

    mutating func settle(_ row: UsageRow) {
        var charge: Charge?
        if !row.usage.isEmpty, let price = pricer.price(row.model, row.provider, day: row.day, names) {
            let place = pricer.place(row.model, row.provider)
            let known = Charge(row, price, provider: place?.provider ?? [], model: place?.model ?? [])
            // A book that prices a model's tokens need not price its images or seconds.
            charge = known.total == 0 && row.isMediaOnly ? nil : known
            evidence.add(row, charge, price)
        } else {
            evidence.add(row, nil, nil)
        }
        tally.add(row, charge)
    }

    /// The keyed hash of all that tells the row from others: format, times, names and numbers.
    func identity(_ row: Span<UInt8>, _ layout: Layout) -> UInt64 {
        guard options.severalFiles else { return 0 }
        var hash = SipHash(key)
        hash.add(layout.name.span)
        if slots.has(.requestID) {
            hash.add(row.extracting(slots.range(.requestID)))
            return hash.value
        }
        let isPeriod = layout.style == .billing || slots.has(.requests) || layout.name.starts(with: text("anthropic"))
        for field in Field.allCases where slots.has(field) && (!isPeriod || Self.tells(field)) {
            hash.add(UInt64(field.rawValue))
            hash.add(row.extracting(slots.range(field)))
        }
        return hash.value
    }

    /// Whether a field names a row rather than measures it: a period exported again, once it is over, has other counts.
    private static func tells(_ field: Field) -> Bool {
        switch field {
        case .time, .end, .model, .provider, .key, .user, .project, .session, .tier, .batch, .context, .geography,
            .speed,
            .service, .sku, .kind, .costType, .event, .latency, .unit:
            true
        default: false
        }
    }

    /// One row with a column for every class.
    private mutating func wide(_ row: Span<UInt8>, _ layout: Layout) {
        guard var out = common(row, layout) else { return }
        if layout.name == text("one_api"), slots.has(.event), slots.count(.event, row) != 2 { return skip(.noUsage) }
        for field in [Field.inputTotal, .inputUncached, .output, .totalTokens, .cacheRead] where isNotNumber(field, row)
        {
            return skip(.badNumber)
        }
        usage(row, layout, &out)
        guard money(row, layout, &out) else { return skip(.badNumber) }
        if layout.name == text("langfuse") {
            details(row, &out)
            if out.usage.isEmpty, out.billed == nil { return skip(.noUsage) }
        }
        let isBucket =
            slots.has(.requests) || slots.has(.end) && !slots.has(.latency) && !slots.has(.requestID)
            || layout.name == text("anthropic_tokens_csv") || layout.name == text("anthropic_usage_json")
        out.requests = slots.count(.requests, row) ?? (isBucket ? 0 : 1)
        out.isRequest = !isBucket || out.requests == 1
        out.hasHour = hasHour(row, layout)
        if !isBucket || layout.style == .wide && slots.has(.latency) { outcome(row, &out) }
        body(row, &out)
        count(out, identity: identity(row, layout))
    }

    private func isNotNumber(_ field: Field, _ row: Span<UInt8>) -> Bool {
        guard slots.has(field), slots.count(field, row) == nil else { return false }
        return !slots.matches(field, "N/A", row) && !slots.matches(field, "-", row)
    }

    private func usage(_ row: Span<UInt8>, _ layout: Layout, _ out: inout UsageRow) {
        func tokens(_ field: Field) -> Int64 { max(0, slots.count(field, row) ?? 0) }
        let read = tokens(.cacheRead)
        var short = tokens(.cacheWrite5m)
        let long = tokens(.cacheWrite1h)
        if short + long == 0 { short = tokens(.cacheWrite) }
        var audio = tokens(.inputAudio)
        var image = tokens(.inputImage)
        var plain = tokens(.inputUncached)
        if slots.has(.inputWithWrite) { short = max(0, tokens(.inputWithWrite) - plain) }
        if slots.has(.inputTotal) {
            let total = tokens(.inputTotal)
            plain = layout.cacheIsInside ? max(0, total - read - short - long) : total
            audio = min(audio, plain)
            image = min(image, plain - audio)
            plain -= audio + image
        }
        out.usage[.input] = plain
        out.usage[.cacheRead] = read
        out.usage[.cacheWrite5m] = short
        out.usage[.cacheWrite1h] = long
        out.usage[.inputAudio] = audio
        out.usage[.inputImage] = image
        let answer = tokens(.output)
        let audioAnswer = layout.cacheIsInside ? min(tokens(.outputAudio), answer) : tokens(.outputAudio)
        let pictures = layout.cacheIsInside ? min(tokens(.outputImage), answer - audioAnswer) : tokens(.outputImage)
        out.usage[.outputAudio] = audioAnswer
        out.usage[.outputImage] = pictures
        out.usage[.output] = layout.cacheIsInside ? answer - audioAnswer - pictures : answer
        out.usage[.reasoning] = min(tokens(.reasoning), out.usage[.output])
        if out.usage.isEmpty, slots.has(.totalTokens) { out.usage[.input] = tokens(.totalTokens) }
        out.usage[.searches] = tokens(.searches)
        out.usage[.images] = tokens(.images)
        out.usage[.characters] = tokens(.characters)
        out.usage[.milliseconds] = tokens(.seconds) * 1000
    }

    /// `false` when a cost stands there and is not a number.
    mutating func money(_ row: Span<UInt8>, _ layout: Layout, _ out: inout UsageRow) -> Bool {
        if slots.has(.byok) { out.byok = slots.scaled(.byok, row) ?? 0 }
        if slots.has(.costUSD), let usd = slots.scaled(.costUSD, row) {
            // The bill in dollars beside the one in the account's currency.
            out.billed = usd
            return true
        }
        if slots.has(.costNano) {
            out.billed = slots.count(.costNano, row).map { Int128($0) * 1_000_000_000 }
        } else if slots.has(.costCents) {
            guard let cents = slots.scaled(.costCents, row) else { return false }
            out.billed = cents / 100
        } else if slots.has(.quota) {
            out.billed = slots.count(.quota, row).map { Int128($0) * 2_000_000_000_000 }
        } else if slots.has(.cost) {
            if let cost = slots.scaled(.cost, row) {
                out.billed = cost
            } else if layout.name == text("cursor") || slots.matches(.cost, "N/A", row)
                || slots.matches(.cost, "-", row)
            {
                out.billed = 0
            } else {
                return false
            }
        }
        if slots.has(.currency), !slots.matches(.currency, "usd", row) {
            out.currency = number(.currency, row) { table, name in table.currencies.number(name) }
        } else if !file.currency.isEmpty, file.currency != text("USD") {
            let currency = file.currency
            out.currency = names.currencies.number(currency.span)
        }
        return true
    }

    private func hasHour(_ row: Span<UInt8>, _ layout: Layout) -> Bool {
        guard let start = slots.moment(.time, row) else { return false }
        if let end = slots.moment(.end, row) { return end - start <= 3_600_000_000 }
        return slots.range(.time).count > 10 && !layout.name.starts(with: text("openrouter_daily"))
            && start % 86_400_000_000 != 0
    }

    /// How a single call went.
    private func outcome(_ row: Span<UInt8>, _ out: inout UsageRow) {
        if let status = slots.count(.status, row), (100...999).contains(status) { out.status = status }
        out.isFailed =
            out.status >= 400 || slots.matches(.success, "failure", row) || slots.matches(.success, "false", row)
            || slots.form(.success) == .isFalse || slots.matches(.success, "error", row)
            || slots.matches(.status, "failure", row) || slots.matches(.status, "error", row)
        out.isCancelled = slots.isTrue(.cancelled, row)
        out.isStreamed = slots.isTrue(.streamed, row)
        out.isCutByLength =
            slots.matches(.finish, "length", row) || slots.matches(.finish, "max_tokens", row)
            || slots.matches(.finish, "MAX_TOKENS", row)
        if let latency = slots.count(.latency, row) {
            out.latency = latency
        } else if let seconds = slots.scaled(.latencySeconds, row) {
            out.latency = Int64(seconds / 1_000_000_000_000_000 & 0x7fff_ffff)
        } else if let start = slots.moment(.time, row), let end = slots.moment(.end, row), end > start {
            out.latency = (end - start) / 1000
        }
    }
}
