import Foundation
import GRDB
import Glibc
import Testing
import Vocabulary

@testable import Records

@Suite struct DirectoryTests {
    @Test func oneServerAtATimeAndEachStartIsANewEpoch() throws {
        let folder = try TemporaryFolder()
        let directory = try DataDirectory(folder.path + "/a/b/data")
        var first: ServerLock? = try directory.lockForServer()
        #expect(first?.epoch == 1)
        #expect(directory.isServed)
        let other = try DataDirectory(folder.path + "/a/b/data")
        #expect(throws: StorageFault.lockedByAnotherServer) { _ = try other.lockForServer() }
        first = nil
        #expect(!directory.isServed)
        #expect(try other.lockForServer().epoch == 2)
        // An epoch whose number was lost with its file is still not used again.
        try FileManager.default.removeItem(atPath: directory.nodePath + "/epoch")
        try Data().write(
            to: URL(fileURLWithPath: directory.journalPath + "/" + JournalSegment(epoch: 41, number: 1).fileName))
        #expect(try other.lockForServer().epoch == 42)
    }

    @Test func foldersAreTheOwnersOnly() throws {
        let folder = try TemporaryFolder()
        let directory = try DataDirectory(folder.path + "/data")
        for path in [directory.path, directory.keysPath, directory.journalPath, directory.logsPath] {
            var facts = stat()
            #expect(unsafe stat(path, &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o700)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["keys", "logs", "nodes"])
    }

    @Test func aFileInTheWayIsToldApart() throws {
        let folder = try TemporaryFolder()
        try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/file"))
        #expect(throws: StorageFault.notADirectory) { _ = try DataDirectory(folder.path + "/file") }
        #expect(throws: StorageFault.notADirectory) { _ = try DataDirectory(folder.path + "/file/data") }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func aDirectoryThatCannotBeWrittenIsRefused() throws {
        let folder = try TemporaryFolder()
        unsafe chmod(folder.path, 0o500)
        defer { unsafe chmod(folder.path, 0o700) }
        #expect(throws: StorageFault.notWritable) { _ = try DataDirectory(folder.path) }
        #expect(throws: StorageFault.notWritable) { _ = try DataDirectory(folder.path + "/data") }
    }

    @Test func theSystemsCodesBecomeFaults() {
        #expect(DataDirectory.fault(ENOSPC) == .diskFull)
        #expect(DataDirectory.fault(EROFS) == .notWritable)
        #expect(DataDirectory.fault(EACCES) == .notWritable)
        #expect(DataDirectory.fault(EIO).code == EIO)
        let names = [StorageFault.notADirectory, .notWritable, .lockedByAnotherServer, .diskFull, .busy].map {
            "\($0.name)"
        }
        #expect(Set(names).count == 5)
    }

    @Test func aLedgerOfALaterVersionOrNoLedgerAtAllIsRefused() throws {
        let home = try Installation()
        try home.ledger.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 from the future')") }
        #expect(throws: StorageFault.newerSchema) { _ = try Ledger(home.directory) }
        let folder = try TemporaryFolder()
        let directory = try DataDirectory(folder.path)
        try Data([UInt8](repeating: 0x61, count: 8192)).write(to: URL(fileURLWithPath: directory.ledgerPath))
        #expect(throws: StorageFault.damaged) { _ = try Ledger(directory) }
    }

    @Test func everyTableIsStrict() throws {
        let home = try Installation()
        let loose = try home.ledger.read { database in
            try String.fetchAll(
                database,
                sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict")
        }
        // SQLite's own, and the migrator's.
        #expect(loose.filter { !$0.hasPrefix("sqlite_") } == ["grdb_migrations"])
        let settings = try home.ledger.write { database in
            try ["journal_mode", "synchronous", "secure_delete", "foreign_keys"].map {
                try String.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(settings == ["wal", "2", "1", "1"])
    }
}
