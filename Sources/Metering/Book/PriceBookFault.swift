/// Why a price book was refused, and in which line (from 1).
public struct PriceBookFault: Error, Equatable, Sendable {
    public enum Reason: UInt8, Error, Sendable {
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
        /// A price times a factor is no whole number of pico-USD.
        case inexactFactor

        /// What is wrong, for whoever wrote the line.
        public var text: StaticString {
            switch self {
            case .missingHeader: "the first line is not `tacet-prices 1 YYYYMMDD`"
            case .unknownVersion: "this version of the form is not known; allowed: 1"
            case .unknownLine: "the first word is none of price, source, alias, end"
            case .missingField: "words are missing, or there are two spaces in a row"
            case .malformedNumber: "a number is not 1 to 15 digits without a leading zero"
            case .malformedDate: "a day is not YYYYMMDD, or a price ends before it begins"
            case .unknownField: "a field is unknown or stands where it may not"
            case .duplicateField: "a field stands there twice"
            case .unknownSource: "the source is not named by a `source` line above"
            case .unknownModel: "there is no price line for this model"
            case .duplicateName: "the name is taken"
            case .tierOrder: "tiers do not rise, or a service level has one that the price has not"
            case .datesOverlap: "the model has another price on some of these days"
            case .missingPrice: "there is no price"
            case .inexactFactor: "a price times its factor is no whole number of pico-USD, or the factor is 0"
            }
        }
    }

    public let reason: Reason
    public let line: Int
}
