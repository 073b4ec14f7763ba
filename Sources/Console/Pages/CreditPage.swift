import Accounts
import Records
import Vocabulary

/// The wallet: what is there, what is held, and every line that made it so.
enum CreditPage {
    static let routes: [PageRoute] = [.get("/credit", .member(.readCredit, show))]

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
        let name = AccountName(.wallet, organisation: account.organisation.value)
        let wallet = try visit.desk.book.accounts().first { $0.name == name }
        let lines = try visit.desk.book.statement(of: name, limit: 100) ?? []
        let rows = lines.map { line in
            Row(
                time: words.time(line.transfer.at), what: words.named("ledger.\(line.transfer.code.name)"),
                change: words.money(line.change), balance: words.money(line.balance), plus: line.change > .zero)
        }
        let view = View(
            available: words.money(wallet?.available ?? .zero), balance: words.money(wallet?.balance ?? .zero),
            held: words.money(wallet?.held ?? .zero), rows: rows, hasRows: !rows.isEmpty)
        return visit.page("credit", view, title: "credit.title")
    }
}
