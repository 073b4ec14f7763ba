import Accounts
import Records
import Vocabulary

/// The wallet: what is there, what is held, and every line that made it so.
enum CreditPage {
    static let routes: [Route] = [.get("/credit", .member(.readCredit, show))]

    private struct View {
        let available: MoneyView
        let balance: MoneyView
        let held: MoneyView
        let rows: [Row]
        let hasRows: Bool
    }

    private struct Row {
        let time: TimeView
        let what: String
        let change: MoneyView
        let balance: MoneyView
        let plus: Bool
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let words = visit.words
        let credit = try credit(visit, account)
        let rows = credit.lines.map { line in
            Row(
                time: words.time(line.transfer.at), what: words.named("ledger.\(line.transfer.code.name)"),
                change: words.money(line.change), balance: words.money(line.balance), plus: line.change > .zero)
        }
        let view = View(
            available: words.money(credit.available), balance: words.money(credit.balance),
            held: words.money(credit.held), rows: rows, hasRows: !rows.isEmpty)
        return visit.page("credit", view, title: "credit.title")
    }

    static func credit(_ visit: Visit, _ account: Account) throws -> Credit {
        let name = AccountName(.wallet, organisation: account.organisation.value)
        let wallet = try visit.desk.book.accounts().first { $0.name == name }
        return Credit(
            available: wallet?.available ?? .zero, held: wallet?.held ?? .zero, balance: wallet?.balance ?? .zero,
            lines: try visit.desk.book.statement(of: name, limit: 100) ?? [])
    }
}
