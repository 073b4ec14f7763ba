public import Records

/// What can be done in an organisation, and by whom. Every page and every call of the interface names one.
public enum Permission: Sendable, CaseIterable {
    /// Sums, requests' receipts, models: numbers.
    case readUsage
    case readCredit
    case readMembers
    case readAuditLog
    /// Make and revoke gateway keys.
    case changeKeys
    case changeBudgets
    case changeProviderKeys
    case changeMembers
    /// Name, restriction, objection, consent, export.
    case changeOrganisation
    /// Delete all there is, and make owners.
    case own
    /// See how the installation does, and keep its register; only in the installation's own organisation.
    case operate

    /// The table of CONTROL 4.x: owner all; admin all but to own; developer works with keys; billing sees money; viewer numbers.
    public func isGranted(to role: Role) -> Bool {
        switch self {
        case .readUsage: true
        case .readCredit: role != .viewer && role != .developer
        case .readMembers: role != .viewer
        case .readAuditLog: role == .owner || role == .admin
        case .changeKeys: role == .owner || role == .admin || role == .developer
        case .changeBudgets: role == .owner || role == .admin || role == .billing
        case .changeProviderKeys, .changeMembers, .changeOrganisation, .operate: role == .owner || role == .admin
        case .own: role == .owner
        }
    }
}
