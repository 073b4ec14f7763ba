extension DataMap {
    // MARK: Legal pages, incidents, what organisations tightened, from where requests came

    static let legalGroups: [DataGroup] = [
        DataGroup(
            store: "ledger.legal_editions", purpose: .prove, basis: .legalDuty, retention: .whileInstalled,
            erasure: .withTheInstallation,
            names: [
                (.code, "page language"), (.version, "number"), (.time, "effective published_at"), (.digest, "digest"),
                (.publishedPage, "published"),
            ]),
        DataGroup(
            store: "ledger.legal_acceptances", purpose: .prove, basis: .contract, retention: .untilDeletion,
            export: .account, erasure: .withTheOrganisation,
            names: [(.identifier, "organisation member"), (.code, "page"), (.version, "number"), (.time, "at")]),
        DataGroup(
            store: "ledger.incidents", purpose: .rights, basis: .legalDuty, retention: .whileInstalled,
            erasure: .withTheInstallation,
            names: [
                (.identifier, "id"), (.code, "kind concerns"), (.time, "began_at ended_at announced_at"),
                (.count, "affected"),
            ]),
        DataGroup(
            store: "ledger.tightened_knobs", purpose: .rights, basis: .contract, retention: .untilDeletion,
            export: .account, erasure: .withTheOrganisation,
            names: [(.identifier, "organisation"), (.code, "knob value")]),
        DataGroup(
            store: "ledger.request_origins", purpose: .operate, basis: .legitimateInterest, retention: .logTerm,
            export: .account, erasure: .withTheOrganisation,
            names: [(.identifier, "id organisation"), (.time, "at"), (.clientAddress, "origin")]),
    ]
}
