import Testing

@testable import tacet

@Suite struct CanaryTraceTests {
    @Test func writesOutsideSocketsAreReadWithTheirEscapes() {
        let trace = #"""
            7 write(2</dev/pts/1>, "a \"b\"\n\0\17\0017\\", 9) = 9
            7 pwrite64(5</data/ledger.sqlite-wal>, "\202\377x", 3, 4096) = 3
            8 writev(9<pipe:[44]>, [{iov_base="one", iov_len=3}, {iov_base="two", iov_len=3}], 2) = 6
            8 write(11<TCP:[127.0.0.1:1->127.0.0.1:2]>, "words", 5) = 5
            8 write(12<socket:[99]>, "words", 5) = 5
            8 writev(13<UNIX-STREAM:[1->2]>, [{iov_base="words", iov_len=5}], 1) = 5
            7 write(2</dev/pts/1>, "cut <unfinished ...>
            7 +++ killed by SIGKILL +++
            """#
        let writes = CanaryTrace.writes(in: trace.utf8)
        #expect(writes.map(\.target) == ["/dev/pts/1", "/data/ledger.sqlite-wal", "pipe:[44]", "/dev/pts/1"])
        #expect(writes[0].bytes == Array("a \"b\"\n\0".utf8) + [0o17, 1, 0x37, 0x5c])
        #expect(writes[1].bytes == [0o202, 0o377, 0x78])
        #expect(writes[2].bytes == Array("onetwo".utf8))
    }
}
