import Testing

@testable import Postgres

/// The small pure values that the shells around sockets act on.
@Suite("Postgres: decisions")
struct DecisionTests {
    private let start = ContinuousClock().now

    @Test("deadlines come up in order; removed ones do not, however many there were")
    func deadlineQueue() {
        var queue = DeadlineQueue<Int>()
        let ids = (0..<500).map { queue.insert($0, at: start + .milliseconds(1000 - $0)) }
        for number in 0..<490 { queue.remove(ids[number]) }
        #expect(queue.count == 10)
        let next = queue.next
        #expect(next == start + .milliseconds(501))
        let early = queue.popDue(at: start + .milliseconds(500))
        #expect(early == nil)
        var due: [Int] = []
        while let number = queue.popDue(at: start + .seconds(2)) { due.append(number) }
        #expect(due == (490..<500).reversed())
    }

    @Test("a waiting line keeps its order, its limit and its deadlines")
    func waitingLine() {
        var line = WaitingLine<String>(limit: 3)
        _ = line.append("a", until: start + .seconds(1))
        let b = line.append("b", until: start + .seconds(2))
        _ = line.append("c", until: start + .seconds(3))
        #expect(line.isFull)
        #expect(line.remove(b) == "b")
        #expect(line.remove(b) == nil)
        #expect(line.expire(now: start + .seconds(1)) == ["a"])
        #expect(line.nextExpiry == start + .seconds(3))
        #expect(line.popFirst() == "c")
        #expect(line.isEmpty)
        #expect(line.nextExpiry == nil)
    }

    @Test("pauses between attempts double up to their bound, one attempt at a time, and end with a success")
    func keeper() {
        var keeper = ConnectionKeeper(
            maximum: 4, maximumConnecting: 4, minimumDelay: .milliseconds(20), maximumDelay: .milliseconds(500))
        var now = start
        #expect(keeper.attempts(wanted: 2, now: now) == 2)
        #expect(keeper.attempts(wanted: 2, now: now) == 0)
        keeper.failed(now: now, random: 0.999)
        keeper.failed(now: now, random: 0.999)
        #expect(keeper.isDown)
        var pauses: [Duration] = []
        for _ in 0..<10 {
            #expect(keeper.attempts(wanted: 4, now: now) == 0)
            now = keeper.retryAt!
            #expect(keeper.attempts(wanted: 4, now: now) == 1)
            #expect(keeper.attempts(wanted: 4, now: now) == 0)
            keeper.failed(now: now, random: 0.999)
            pauses.append(keeper.retryAt! - now)
        }
        #expect(pauses.allSatisfy { $0 <= .milliseconds(500) })
        #expect(pauses.last! > .milliseconds(490))
        #expect(keeper.attempts(wanted: 4, now: keeper.retryAt!) == 1)
        keeper.opened()
        #expect(!keeper.isDown)
        #expect(keeper.attempts(wanted: 9, now: now) == 3)
    }

    @Test("however many wait, some connections are opened at a time")
    func connecting() {
        var keeper = ConnectionKeeper(
            maximum: 5, maximumConnecting: 2, minimumDelay: .milliseconds(20), maximumDelay: .milliseconds(500))
        #expect(keeper.attempts(wanted: 9, now: start) == 2)
        #expect(keeper.attempts(wanted: 9, now: start) == 0)
        keeper.opened()
        #expect(keeper.attempts(wanted: 9, now: start) == 1)
        keeper.opened()
        keeper.opened()
        #expect(keeper.attempts(wanted: 9, now: start) == 2)
        keeper.opened()
        #expect(keeper.attempts(wanted: 9, now: start) == 0, "five are all there may be")
        keeper.opened()
        #expect(keeper.open == 5)
    }

    @Test("a statement counts as prepared only after its own Parse, and the one used longest ago makes room")
    func statements() {
        var cache = StatementCache(limit: 2)
        let a = StatementKey(sql: "a", types: [])
        let b = StatementKey(sql: "b", types: [])
        let first = StatementName(number: 1)
        #expect(cache.lookup(a, group: 1) == .parse(first, evicted: nil))
        #expect(cache.lookup(a, group: 1) == .use(first))
        #expect(cache.lookup(a, group: 2) == .unnamed, "its Parse may still fail")
        cache.confirm(first)
        #expect(cache.lookup(a, group: 3) == .use(first))
        #expect(
            cache.lookup(StatementKey(sql: "a", types: [.int8]), group: 3)
                == .parse(StatementName(number: 2), evicted: nil))
        #expect(cache.lookup(b, group: 4) == .parse(StatementName(number: 3), evicted: first))
        #expect(cache.lookup(a, group: 5) == .unnamed, "nothing that may be evicted")
        let wasKnown = cache.forget(StatementName(number: 3))
        #expect(wasKnown)
        #expect(cache.lookup(b, group: 6) == .parse(StatementName(number: 4), evicted: nil))
    }

    @Test("what is interpolated is bound, fragments are renumbered, identifiers quoted")
    func queries() {
        let id = 7
        let filter: Query = "a = \(id) AND b = '$1' AND c = \("x")"
        let query: Query = "SELECT * FROM \(identifier: "s.t\"") WHERE z = \(true) AND \(filter) AND d = \(id)"
        #expect(
            query.sql == "SELECT * FROM \"s\".\"t\"\"\" WHERE z = $1 AND a = $2 AND b = '$1' AND c = $3 AND d = $4")
        #expect(query.parameters.map(\.length) == [1, 8, 1, 8])
        #expect(query.types == [.bool, .int8, .inferred, .int8])
        let twice: Query = "\(query) AND \(filter)"
        #expect(twice.sql.hasSuffix("d = $4 AND a = $5 AND b = '$1' AND c = $6"))
        #expect(Query("SELECT 1").problem == nil)
        let nul: Query = "SELECT \(1), \("a\0b")"
        #expect(nul.problem?.contains("$2") == true)
        #expect("\(query)".contains("$1") && !"\(query)".contains("7"))
    }

    @Test("positions in the log are read and written as Postgres does")
    func positions() {
        #expect(WALPosition("16/B374D848")?.description == "16/B374D848")
        #expect(WALPosition("16/B374D848")! < WALPosition("17/0")!)
        #expect(WALPosition("16") == nil)
        #expect(WALPosition("x/1") == nil)
    }

    @Test("host addresses that need no look-up are known")
    func hosts() {
        #expect(HostAddress.literal("/run/postgresql") == .socketDirectory("/run/postgresql"))
        #expect(HostAddress.literal("127.0.0.1") == .addresses(["127.0.0.1"]))
        #expect(HostAddress.literal("::1") == .addresses(["::1"]))
        #expect(HostAddress.literal("localhost") == nil)
        #expect(HostAddress.resolve("localhost") != nil)
    }
}
