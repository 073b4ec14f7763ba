import NIOCore
import Vocabulary

/// `GET /v1/balance`: what a key's accounts have, from memory.
enum BalanceReply {
    static func send(_ grant: KeyGrant, to client: any ClientSide, loop: LoopContext) {
        let now = Clock.moment()
        let balance = loop.shared.doors.purse.balance(of: grant.payer, at: now)
        let body = ByteBuffer(string: json(balance, at: now))
        client.send(AnswerHead(status: 200), body: body)
        client.flush()
    }

    /// Numbers and closed words only: nothing has to be escaped.
    static func json(_ balance: PurseBalance, at now: Moment) -> String {
        var out = "{\"object\":\"balance\",\"billing\":\"\(balance.billing.name)\",\"currency\":\"usd\""
        out += ",\"available_nano_usd\":" + (balance.available.map { String($0.value) } ?? "null")
        out += ",\"budgets\":["
        for (index, line) in balance.budgets.enumerated() {
            if index > 0 { out += "," }
            out += "{\"owner\":\"\(line.owner.name)\",\"period\":\"\(line.period.name)\",\"at\":\"\(line.action.name)\""
            out += ",\"limit_nano_usd\":\(line.limit.value),\"left_nano_usd\":\(line.left.value)"
            out += ",\"resets_at\":" + (line.resetsAt.map { "\"" + RateFields.time($0) + "\"" } ?? "null") + "}"
        }
        out += "],\"rates\":{"
        var isFirst = true
        for (name, rate) in [("requests", balance.allowance.requests), ("tokens", balance.allowance.tokens)] {
            guard let rate else { continue }
            if !isFirst { out += "," }
            isFirst = false
            out += "\"\(name)_per_minute\":{\"limit\":\(rate.limit),\"left\":\(rate.left)"
            out += ",\"resets_at\":\"" + RateFields.time(Moment(microseconds: now.microseconds + rate.resets)) + "\"}"
        }
        return out + "}}"
    }
}
