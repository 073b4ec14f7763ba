/// Why a price book was refused, and in which line (from 1).
public struct PriceBookFault: Error, Equatable, Sendable {
    public enum Reason: UInt8, Sendable {
        case missingHeader = 1
        case unknownVersion
        case unknownLine
        case missingField
        case malformedNumber
        case malformedDate
        case unknownField
        case duplicateField
        case unknownSource
        case unknownModel
        case duplicateName
        case tierOrder
        case datesOverlap
        case missingPrice
    }

    public let reason: Reason
    public let line: Int
}
