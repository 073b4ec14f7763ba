import Accounts
import HTTPTypes

extension PeopleRefusal {
    /// The status of the form shown again.
    var status: HTTPResponse.Status {
        switch self {
        case .wait: .tooManyRequests
        case .busy, .failed: .serviceUnavailable
        case .notAllowed: .forbidden
        default: .unprocessableContent
        }
    }

    /// Whether the form is shown again, with what is wrong; otherwise there is nothing left to fill in.
    var keepsTheForm: Bool { self != .over && self != .failed }
}
