import Records
import Secrets
import Vocabulary

/// What a request does to the installation, as the audit log names it.
struct AuditedAct {
    var action: AuditEntry.Action
    var organisation = OrganisationID.home
    /// Fields and what they were given; only a digest of it is kept.
    var fields: [(AuditEntry.Field.Name, String)] = []

    func digested(_ hasher: KeyHasher) -> [AuditEntry.Field] {
        fields.map { name, value in
            let bytes = Array("audit \(name.text) ".utf8) + value.utf8
            return AuditEntry.Field(name, digest: Array(hasher.digest(of: bytes.span).bytes.prefix(16)))
        }
    }
}

extension DeskRequest {
    /// `nil` for what only looks.
    var act: AuditedAct? {
        switch self {
        case .createKey(let name, let terms, let isTest):
            var fields: [(AuditEntry.Field.Name, String)] = [(.name, name), (.environment, isTest ? "test" : "live")]
            if let budget = terms.budget { fields.append((.budget, String(budget))) }
            if let rate = terms.requestsPerMinute { fields.append((.rate, String(rate))) }
            return AuditedAct(
                action: .keyCreate, organisation: terms.organisation.map { OrganisationID($0) } ?? .home, fields: fields
            )
        case .revokeKey(let name): return AuditedAct(action: .keyRevoke, fields: [(.name, name)])
        case .setKey(let name, let words):
            let decided = [words.compression, words.router, words.cache, words.breakpoints].compactMap { $0 }
            return AuditedAct(
                action: .keyDecide, fields: [(.name, name), (.kind, decided.joined(separator: " "))])
        case .exportReceipts: return AuditedAct(action: .receiptsExport)
        case .grant(let amount, let organisation, let key, _), .promote(let amount, let organisation, let key, _, _):
            return AuditedAct(
                action: .ledgerGrant, organisation: OrganisationID(organisation),
                fields: [(.amount, String(amount)), (.businessKey, key)])
        case .correct(let kind, _, let organisation, let amount, let key):
            return AuditedAct(
                action: .ledgerCorrect, organisation: OrganisationID(organisation),
                fields: [(.kind, kind), (.amount, String(amount)), (.businessKey, key)])
        case .setBudget(let owner, let period, let amount, _, _):
            return AuditedAct(action: .budgetSet, fields: [(.name, owner), (.kind, period), (.budget, String(amount))])
        case .removeBudget(let owner, let period):
            return AuditedAct(action: .budgetRemove, fields: [(.name, owner), (.kind, period)])
        case .setLimits(let owner, let requests, _, _):
            return AuditedAct(
                action: .ratesSet, fields: [(.name, owner), (.rate, requests.map { String($0) } ?? "none")])
        case .reload: return AuditedAct(action: .configReload)
        case .setProviderKey(let provider, _, let organisation):
            return AuditedAct(
                action: .providerKeySet, organisation: OrganisationID(organisation), fields: [(.provider, provider)])
        case .deleteProviderKey(let provider, let organisation):
            return AuditedAct(
                action: .providerKeyDelete, organisation: OrganisationID(organisation), fields: [(.provider, provider)])
        case .rotateProviderKeys(let master, let organisation):
            return AuditedAct(
                action: master ? .masterKeyRotate : .dataKeyRotate, organisation: OrganisationID(organisation))
        case .tighten(let knob, let value, let organisation):
            return AuditedAct(
                action: .knobTighten, organisation: OrganisationID(organisation),
                fields: [(.name, knob), (.kind, value)])
        case .exportAccount(let organisation):
            return AuditedAct(action: .accountExport, organisation: OrganisationID(organisation))
        case .importAccount(_, let organisation):
            return AuditedAct(action: .accountImport, organisation: OrganisationID(organisation))
        case .acceptPage(let page, let organisation, _):
            return AuditedAct(action: .pageAccept, organisation: OrganisationID(organisation), fields: [(.name, page)])
        case .announceIncident(let kind, _, _, _):
            return AuditedAct(action: .incidentAnnounce, fields: [(.kind, kind)])
        case .endIncident: return AuditedAct(action: .incidentEnd)
        case .applyRight(let name, let organisation):
            return RightsVerb(rawValue: name).map {
                AuditedAct(action: $0.action, organisation: OrganisationID(organisation), fields: [(.kind, name)])
            }
        case .enterRequest(let kind, let organisation, _):
            return AuditedAct(
                action: .requestEnter, organisation: OrganisationID(organisation), fields: [(.kind, kind)])
        case .approveProposal(let id, let isApproved):
            return AuditedAct(
                action: .routeApprove, fields: [(.name, "\(id)"), (.kind, isApproved ? "approve" : "withdraw")])
        case .restartTrial: return AuditedAct(action: .trialRestart)
        case .forgetLearning(let organisation):
            return AuditedAct(action: .learningForget, organisation: OrganisationID(organisation))
        case .answerRequest(_, let outcome): return AuditedAct(action: .requestAnswer, fields: [(.kind, outcome)])
        case .listKeys, .listReceipts, .showReceipt, .verifyReceipts, .ledgerBalance, .ledgerStatement, .ledgerCheck,
            .listBudgets, .listAlerts, .listProviderKeys, .auditLog, .verifyAuditLog, .showRights, .rightsRequests,
            .deletionProofs, .listAcceptances, .listIncidents, .aggregates, .listProposals, .listTrials,
            .listPrefixBreaks, .breakGlass, .listLearning, .tellOutcomes:
            return nil
        }
    }
}
