import Testing

@testable import Redis

@Suite("One Redis connection, decided purely")
struct ConnectionMachineTests {
    private let start = ContinuousClock.now

    @Test("replies go to callers in order, and a caller that gave up keeps its place")
    func order() throws {
        var bench = MachineBench()
        bench.connect()
        let tickets = try (1...3).map { try bench.submit($0) }
        bench.send()
        #expect(bench.machine.cancel(tickets[1]).count == 1)
        #expect(bench.machine.cancel(tickets[1]).isEmpty)
        bench.reply([.integer(1), .integer(2), .integer(3)])
        #expect(bench.answers[1] == .success(.integer(1)))
        #expect(bench.answers[3] == .success(.integer(3)))
        #expect(bench.machine.queue.count == 0 && bench.machine.queue.byteCount == 0)
    }

    @Test("what was not sent when its caller gave up is never sent")
    func cancelledBeforeSending() throws {
        var bench = MachineBench()
        bench.connect()
        let ticket = try bench.submit(1)
        _ = try bench.submit(2)
        bench.act(bench.machine.cancel(ticket))
        bench.send()
        #expect(bench.written == [2])
        #expect(bench.answers[1] == .failure(RedisError(.notSent, .cancelled, node: "n")))
    }

    @Test("a deadline ends unknown when the command was sent, else as not sent")
    func deadlines() throws {
        var bench = MachineBench()
        bench.connect()
        _ = try bench.submit(1, within: .milliseconds(10))
        bench.send()
        _ = try bench.submit(2, within: .milliseconds(10))
        _ = try bench.submit(3, within: .seconds(60))
        #expect(bench.machine.nextWake == bench.now + .milliseconds(10))
        bench.tick(after: .milliseconds(10))
        #expect(bench.answers[1] == .failure(RedisError(.unknown, .deadlineExceeded, node: "n")))
        #expect(bench.answers[2] == .failure(RedisError(.notSent, .deadlineExceeded, node: "n")))
        #expect(bench.answers[3] == nil)
        bench.send()
        bench.reply([.integer(1), .integer(3)])
        #expect(bench.answers[3] == .success(.integer(3)))
    }

    @Test("an overdue reply keeps new work away until it comes")
    func overdue() throws {
        var bench = MachineBench()
        bench.connect()
        _ = try bench.submit(1)
        bench.send()
        bench.now += .milliseconds(151)
        #expect(throws: RedisError(.notSent, .overdue, node: "n")) { try bench.submit(2) }
        bench.reply([.integer(1)])
        #expect(throws: Never.self) { try bench.submit(3) }
    }

    @Test("a connection that answers no more is dropped, and the next attempt begins at once")
    func dropped() throws {
        var bench = MachineBench()
        bench.connect()
        bench.now += .seconds(5)
        _ = try bench.submit(1, within: .seconds(60))
        bench.send()
        let old = bench.machine.generation
        bench.tick(after: .seconds(1))
        #expect(bench.answers[1]?.outcome == .unknown)
        #expect(bench.closed == [old])
        #expect(bench.connecting == bench.machine.generation)
        // What the old channel still says reaches nobody.
        _ = try bench.submit(2)
        #expect(bench.machine.received([.integer(1)], generation: old, now: bench.now, random: 0).isEmpty)
    }

    @Test("commands wait for the first attempt, and learn at once that attempts fail")
    func firstAttempt() throws {
        var bench = MachineBench()
        bench.act(bench.machine.start(now: bench.now))
        _ = try bench.submit(1)
        bench.lose(.connectionLost("refused"))
        #expect(bench.answers[1]?.outcome == .notSent)
        #expect(throws: RedisError.self) { try bench.submit(2) }
        bench.tick(after: .milliseconds(500))
        #expect(bench.connecting == bench.machine.generation)
        #expect(throws: RedisError.self) { try bench.submit(3) }
        bench.open()
        bench.reply([.status("PONG")])
        #expect(throws: Never.self) { try bench.submit(4) }
    }

    @Test("a reply that nobody asked for ends the connection")
    func unsolicited() throws {
        var bench = MachineBench()
        bench.connect()
        _ = try bench.submit(1)
        bench.send()
        bench.reply([.integer(1), .array([.bulk(Array("message".utf8))])])
        #expect(bench.answers[1] == .success(.integer(1)))
        #expect(!bench.machine.isReady)
        #expect(bench.closed.count == 1)
    }

    @Test("a reply of the wrong kind ends the connection before it can shift the replies behind it")
    func wrongKind() throws {
        var bench = MachineBench()
        bench.connect()
        _ = try bench.submit(1, .integer)
        for id in 2...4 { _ = try bench.submit(id, .bulk) }
        bench.send()
        // `:2` with one bit flipped is `*2`, which takes the two replies behind it in.
        bench.reply([.array([.bulk([2]), .bulk([3])]), .bulk([4])])
        for id in 1...4 { #expect(bench.answers[id]?.outcome == .unknown) }
        #expect(!bench.machine.isReady)
    }

    @Test("a refused log-in is no connection")
    func refusedLogIn() {
        var bench = MachineBench()
        bench.act(bench.machine.start(now: bench.now))
        bench.open()
        bench.reply([.error(RedisServerError(message: "WRONGPASS no"))])
        #expect(!bench.machine.isReady)
        #expect(throws: RedisError(.notSent, .notConnected("the connection was lost: log-in: WRONGPASS no"), node: "n"))
        {
            try bench.submit(1)
        }
    }

    @Test("limits on commands and on bytes")
    func limits() throws {
        var settings = RedisSettings()
        settings.maximumPendingCommands = 3
        settings.maximumPendingBytes = 100
        var bench = MachineBench(settings)
        bench.connect()
        _ = try bench.submit(1, bytes: 60)
        #expect(throws: RedisError.self) { try bench.submit(2, bytes: 50) }
        for id in 3...4 { _ = try bench.submit(id, bytes: 10) }
        #expect(throws: RedisError.self) { try bench.submit(5, bytes: 10) }
        bench.send()
        bench.reply([.integer(1)])
        #expect(throws: Never.self) { try bench.submit(6, bytes: 50) }
    }

    @Test("the pauses between attempts grow to their maximum, with jitter")
    func backoff() {
        let backoff = Backoff(base: .milliseconds(10), maximum: .milliseconds(500))
        #expect(backoff.delay(after: 1, random: 0) == .milliseconds(5))
        #expect(backoff.delay(after: 3, random: 0) == .milliseconds(20))
        #expect(backoff.delay(after: 1_000_000, random: 0) == .milliseconds(250))
        #expect(backoff.delay(after: 1_000_000, random: 0.999_999) <= .milliseconds(500))
    }
}
