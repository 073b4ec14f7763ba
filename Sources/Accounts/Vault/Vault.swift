public import Records
public import Secrets
import Synchronization
public import Vocabulary

/// Where the master key comes from.
public enum MasterSource: Sendable {
    /// A key of the environment or of a command. The former one is given while the vault moves to the new.
    case given(MasterKey, previous: MasterKey?)
    /// A file that the vault may rotate; made on first use when `makes` is set.
    case file(MasterKeyFile, makes: Bool)
}

/// Why the vault cannot be used or does not do what was asked.
public enum VaultRefusal: Error, Equatable, Sendable {
    case storage(StorageFault)
    case keyFile(KeyFileFault)
    case vault(VaultFault)
    /// There is no master key, and none may be made.
    case noMaster
    /// The master key under which the vault is sealed is gone.
    case lostMaster
    /// A key that comes from elsewhere is rotated where it comes from.
    case masterIsGiven
    /// A provider key is 4 to 8,192 bytes of visible ASCII.
    case badKey
}

/// Provider keys at rest: each sealed under its organisation's data key, those wrapped under the operator's master key.
///
/// Only ciphertext and data keys stay in memory; a provider key is opened for the one call that writes it into a request
/// head (AU-9). Changes are rare and by hand, so each is one transaction and a new snapshot.
public final class Vault: Sendable {
    private let store: VaultStore
    private let source: MasterSource
    private let own: ErasableKeys
    private let state: Mutex<State>

    private struct State {
        var master: MasterKey
        var keys: [UInt64: DataKey]
        var snapshot: VaultSnapshot
    }

    /// Opens the vault, and ends a rotation of the master key that had stopped half-way.
    /// - Parameter own: where the halves of data keys are that no copy of the ledger has.
    public init(_ ledger: Ledger, _ source: MasterSource, _ own: ErasableKeys) throws(VaultRefusal) {
        let store = VaultStore(ledger)
        self.store = store
        self.source = source
        self.own = own
        let master = try Self.master(source, store)
        let keys = try Self.dataKeys(store, master, own)
        let rows = try Self.stored { () throws(StorageFault) in try store.sealedKeys() }
        state = Mutex(State(master: master, keys: keys, snapshot: VaultSnapshot(rows, keys)))
    }

    /// Whether anything is kept, for which a master key is needed.
    public static func isUsed(_ ledger: Ledger) throws(StorageFault) -> Bool {
        try !VaultStore(ledger).wrappedKeys().isEmpty
    }

    /// Every key of an organisation, masked: there is no way to read one back.
    public func list(_ organisation: OrganisationID) throws(VaultRefusal) -> [SealedKeyRow] {
        try Self.stored { () throws(StorageFault) in try store.sealedKeys() }.filter { $0.organisation == organisation }
    }

    /// Keeps a key for a deployment, in place of the former one; `bytes` are wiped.
    public func set(
        _ bytes: inout [UInt8], for deployment: DeploymentID, of organisation: OrganisationID, at now: Moment
    ) throws(VaultRefusal) -> SealedKeyRow {
        defer { wipe(&bytes) }
        guard (4...8192).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .badKey }
        let shown = bytes.count < 12 ? "····" : String(decoding: bytes.suffix(4), as: UTF8.self)
        return try change { state throws(VaultRefusal) in
            let key = try dataKey(of: organisation, &state, at: now)
            let id = Self.freshID()
            let sealed = try Self.sealing { () throws(VaultFault) in try key.seal(bytes.span, .providerKey, row: id) }
            let row = SealedKeyRow(
                id: id, organisation: organisation, deployment: deployment, dataKey: key.id, sealed: sealed,
                shown: shown, createdAt: now)
            try Self.stored { () throws(StorageFault) in try store.replace(row) }
            return row
        }
    }

    /// Deletes a key at once; `false` when there was none. What is left is sealed anew, so that no copy of the ledger opens to
    /// what was deleted.
    public func delete(
        _ deployment: DeploymentID, of organisation: OrganisationID, at now: Moment
    ) throws(VaultRefusal) -> Bool {
        try change { state throws(VaultRefusal) in
            let isDeleted = try Self.stored { () throws(StorageFault) in try store.delete(deployment, of: organisation)
            }
            if isDeleted { _ = try rotate(organisation, &state, at: now) }
            return isDeleted
        }
    }

    /// Seals every key of an organisation under a fresh data key; the former is destroyed.
    /// - Returns: how many keys were sealed anew.
    public func rotateDataKey(of organisation: OrganisationID, at now: Moment) throws(VaultRefusal) -> Int {
        try change { state throws(VaultRefusal) in try rotate(organisation, &state, at: now) }
    }

    private func rotate(
        _ organisation: OrganisationID, _ state: inout State, at now: Moment
    ) throws(VaultRefusal) -> Int {
        let former = try Self.stored { () throws(StorageFault) in try store.wrappedKeys() }
            .filter { $0.organisation == organisation }
        let fresh = try Self.filed { () throws(KeyFileFault) in try DataKey.fresh(for: organisation, own) }
        var rows = try Self.stored { () throws(StorageFault) in try store.sealedKeys() }
            .filter { $0.organisation == organisation }
        for index in rows.indices {
            guard let old = state.keys[rows[index].dataKey] else { throw .vault(.damaged) }
            let row = rows[index]
            rows[index].sealed = try Self.sealing { () throws(VaultFault) in
                let plain = try old.open(row.sealed, .providerKey, row: row.id)
                return try plain.withBytes { bytes throws(VaultFault) in
                    try fresh.seal(bytes, .providerKey, row: row.id)
                }
            }
            rows[index].dataKey = fresh.id
        }
        let wrapped = try Self.wrap(fresh, under: state.master)
        let sealed = rows
        try Self.stored { () throws(StorageFault) in try store.rotate(to: wrapped, sealed, at: now) }
        for key in former { try Self.filed { () throws(KeyFileFault) in _ = try own.destroy(.dataKey(key.id)) } }
        return rows.count
    }

    /// Wraps every data key under a fresh master key; the former is overwritten. Only for a key in a file.
    public func rotateMaster() throws(VaultRefusal) {
        try change { state throws(VaultRefusal) in
            guard case .file(let file, _) = source else { throw .masterIsGiven }
            let next = try Self.filed { () throws(KeyFileFault) in try file.makeNext() }
            try Self.rewrap(store, from: state.master, to: next)
            try Self.filed { () throws(KeyFileFault) in try file.promote() }
            state.master = next
        }
    }

    /// Reads what is stored again, after another way in changed it.
    public func refresh() throws(VaultRefusal) { try change { _ throws(VaultRefusal) in } }

    /// The sealed keys in use, which the data plane opens one by one.
    public var snapshot: VaultSnapshot { state.withLock { $0.snapshot } }

    /// Writes down which keys were used since the last time.
    public func noteUse(at now: Moment) throws(StorageFault) {
        try store.markUsed(snapshot.takeUsed(), at: now)
    }

    // MARK: Steps

    /// Every change ends in a snapshot of what is stored then.
    private func change<Value: Sendable>(
        _ body: (inout State) throws(VaultRefusal) -> Value
    ) throws(VaultRefusal) -> Value {
        try state.withLock { state throws(VaultRefusal) in
            let value = try body(&state)
            state.keys = try Self.dataKeys(store, state.master, own)
            let rows = try Self.stored { () throws(StorageFault) in try store.sealedKeys() }
            state.snapshot = VaultSnapshot(rows, state.keys)
            return value
        }
    }

    private func dataKey(
        of organisation: OrganisationID, _ state: inout State, at now: Moment
    ) throws(VaultRefusal) -> DataKey {
        if let key = state.keys.values.first(where: { $0.organisation == organisation }) { return key }
        let key = try Self.filed { () throws(KeyFileFault) in try DataKey.fresh(for: organisation, own) }
        let row = try Self.wrap(key, under: state.master)
        try Self.stored { () throws(StorageFault) in try store.rotate(to: row, [], at: now) }
        state.keys[key.id] = key
        return key
    }

    private static func master(_ source: MasterSource, _ store: VaultStore) throws(VaultRefusal) -> MasterKey {
        let present: MasterKey
        var previous: MasterKey?
        var next: MasterKey?
        let wrapped = Set(try stored { () throws(StorageFault) in try store.wrappedKeys() }.map(\.master))
        switch source {
        case .given(let key, let former):
            present = key
            previous = former
        case .file(let file, let makes):
            next = try filed { () throws(KeyFileFault) in try file.next() }
            // A key made in the place of one that is gone opens nothing.
            let mayMake = makes && wrapped.isEmpty
            guard let key = try filed({ () throws(KeyFileFault) in try file.load(makes: mayMake) }) else {
                throw wrapped.isEmpty ? .noMaster : .lostMaster
            }
            present = key
        }
        switch MasterRotation.step(wrapped: wrapped, present: present.id, previous: previous?.id, next: next?.id) {
        case .none: return present
        case .otherMaster: throw .vault(.otherMaster)
        case .fromPrevious:
            guard let previous else { throw .vault(.otherMaster) }
            try rewrap(store, from: previous, to: present)
            return present
        case .toNext, .promote:
            guard let next, case .file(let file, _) = source else { throw .vault(.otherMaster) }
            try rewrap(store, from: present, to: next)
            try filed { () throws(KeyFileFault) in try file.promote() }
            return next
        }
    }

    /// Wraps under `new` every data key that is under `old`, in one transaction.
    private static func rewrap(_ store: VaultStore, from old: MasterKey, to new: MasterKey) throws(VaultRefusal) {
        var rows: [WrappedKeyRow] = []
        for row in try stored({ () throws(StorageFault) in try store.wrappedKeys() }) where row.master == old.id {
            var row = row
            let cell = row.wrapped
            let (id, organisation) = (row.id, row.organisation)
            row.wrapped = try sealing { () throws(VaultFault) in
                try old.rewrap(cell, id: id, organisation: organisation, under: new)
            }
            row.master = new.id
            rows.append(row)
        }
        let rewrapped = rows
        try stored { () throws(StorageFault) in try store.rewrap(rewrapped) }
    }

    private static func wrap(_ key: DataKey, under master: MasterKey) throws(VaultRefusal) -> WrappedKeyRow {
        WrappedKeyRow(
            id: key.id, organisation: key.organisation, master: master.id,
            wrapped: try sealing { () throws(VaultFault) in try master.wrap(key) }, fingerprint: key.fingerprint)
    }

    private static func dataKeys(
        _ store: VaultStore, _ master: MasterKey, _ own: ErasableKeys
    ) throws(VaultRefusal) -> [UInt64: DataKey] {
        var keys: [UInt64: DataKey] = [:]
        for row in try stored({ () throws(StorageFault) in try store.wrappedKeys() }) {
            keys[row.id] = try sealing { () throws(VaultFault) in
                try master.unwrap(row.wrapped, id: row.id, organisation: row.organisation, own)
            }
        }
        return keys
    }

    private static func freshID() -> UInt64 {
        var random = SystemRandomNumberGenerator()
        return random.next() >> 1
    }

    private static func stored<Value>(_ body: () throws(StorageFault) -> Value) throws(VaultRefusal) -> Value {
        do throws(StorageFault) { return try body() } catch { throw .storage(error) }
    }

    private static func filed<Value>(_ body: () throws(KeyFileFault) -> Value) throws(VaultRefusal) -> Value {
        do throws(KeyFileFault) { return try body() } catch { throw .keyFile(error) }
    }

    private static func sealing<Value>(_ body: () throws(VaultFault) -> Value) throws(VaultRefusal) -> Value {
        do throws(VaultFault) { return try body() } catch { throw .vault(error) }
    }
}
