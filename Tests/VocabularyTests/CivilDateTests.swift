import Foundation
import Testing
import Vocabulary

@Suite struct CivilDateTests {
    @Test func daysAndDatesAgreeWithTheCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for day in stride(from: Int64(0), through: 80_000, by: 7) {
            let date = CivilDate(day: day)
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            #expect(Int64(parts.year ?? 0) == date.year && Int64(parts.month ?? 0) == date.month)
            #expect(Int64(parts.day ?? 0) == date.day && date.daysSince1970 == day)
            #expect(CivilDate(iso: date.iso) == date)
        }
    }

    @Test(arguments: [
        "", "2026-1-01", "2026-13-01", "2026-00-10", "2026-02-30", "2025-02-29", "2026-04-31", "2026/04/30",
        "2026-04-3x", "2026-04-00", "2026-04-300",
    ]) func whatIsNoDateIsNone(_ text: String) {
        #expect(CivilDate(iso: text.utf8) == nil)
    }
}
