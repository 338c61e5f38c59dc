import Postgres
import Testing

@testable import Marketplace

@Suite("consistency tokens")
struct ConsistencyTokenTests {
    @Test("a token is written as it is read, shards in order of their names")
    func text() throws {
        let text = "3;shard-0=1:16B374D848;shard-1=2:0"
        let token = try #require(ConsistencyToken(text))
        #expect(token.mapVersion == 3 && token.description == text)
        #expect(token.positions["shard-0"]?.wal == WALPosition("16/B374D848"))
        #expect(ConsistencyToken("1")?.positions.isEmpty == true)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "0", "-1", "+1", "01", "x", "1;", "1;shard-0", "1;shard-0=", "1;shard-0=1", "1;shard-0=0:5",
            "1;shard-0=1:G", "1;shard-0=1:0A", "1;shard-0=1:a", "1;shard-0=1:5;shard-0=1:6", "1;=1:5", "1;a b=1:5",
            "1;shard-0=1:5;", "1;shard-0=1:FFFFFFFFFFFFFFFFF", "1;shard-0=100000000:5", "1;shard-0=1:5=6",
            "1;shard-0=+1:5", "1;sh\u{e9}=1:5", "99999999999999999999",
        ])
    func malformed(text: String) {
        #expect(ConsistencyToken(text) == nil)
    }

    @Test("its size is bounded, read and written")
    func bounds() {
        let many = (0...ConsistencyToken.maximumShards).map { ";s\($0)=1:5" }.joined()
        #expect(ConsistencyToken("1" + many) == nil)
        #expect(ConsistencyToken("1;" + String(repeating: "s", count: 5000) + "=1:5") == nil)
        var token = ConsistencyToken()
        let position = ShardPosition(timeline: .max, wal: WALPosition(bytes: .max))
        for number in 0..<100 { token.saw("shard-with-a-very-long-name-\(number)", position) }
        #expect(token.positions.count == ConsistencyToken.maximumShards)
        #expect(token.description.utf8.count <= ConsistencyToken.maximumBytes)
        #expect(ConsistencyToken(token.description) == token)
    }

    @Test("a request remembers what it has seen, carries it on, and heeds it only when told to")
    func trace() {
        let trace = RequestTrace()
        #expect(trace.token == nil && !trace.isSession)
        trace.begin(ConsistencyToken("2;shard-0=1:50"), mapVersion: 1)
        let later = ShardPosition(timeline: 1, wal: WALPosition(bytes: 0x60))
        #expect(trace.requirement(of: "shard-0")?.wal.bytes == 0x50 && trace.requirement(of: "shard-1") == nil)
        trace.saw("shard-0", later)
        trace.saw("shard-0", ShardPosition(timeline: 1, wal: WALPosition(bytes: 0x55)))
        #expect(trace.token?.description == "2;shard-0=1:60" && trace.requirement(of: "shard-0") == later)
        trace.begin(ConsistencyToken("2;shard-0=1:50"), isHeeded: false, mapVersion: 3)
        #expect(trace.requirement(of: "shard-0") == nil && trace.token?.description == "3;shard-0=1:50")
    }

    @Test("a history file tells where each ancestor ended")
    func history() {
        let file = """
            # a comment
            1\t0/3000000\tno recovery target specified

            2\t0/5000000\tno recovery target specified
            """
        let history = TimelineHistory(of: 3, file: file)
        func position(_ timeline: UInt32, _ wal: UInt64) -> ShardPosition {
            ShardPosition(timeline: timeline, wal: WALPosition(bytes: wal))
        }
        #expect(history.isKnown && history.isAncestor(1) && history.isAncestor(3) && !history.isAncestor(4))
        #expect(position(3, 0x600_0000).satisfies(position(1, 0x300_0000), history: history))
        #expect(!position(3, 0x600_0000).satisfies(position(1, 0x300_0001), history: history))
        #expect(!position(3, 0x100_0000).satisfies(position(1, 0x200_0000), history: history))
        #expect(position(2, 0x400_0000).satisfies(position(1, 0x300_0000), history: history))
        #expect(!position(1, 0x400_0000).satisfies(position(2, 0x400_0000), history: history))
        #expect(history.hasLost(position(2, 0x500_0001)) && !history.hasLost(position(2, 0x500_0000)))
        #expect(!history.hasLost(position(3, .max)) && !history.hasLost(position(4, 1)))
        // Without a file nothing is known: neither satisfied nor lost.
        let unknown = TimelineHistory(of: 3, file: "")
        #expect(!unknown.isKnown && !unknown.hasLost(position(1, .max)))
        #expect(!position(3, 9).satisfies(position(1, 1), history: unknown))
        #expect(position(1, 9).satisfies(position(1, 9)))
    }
}
