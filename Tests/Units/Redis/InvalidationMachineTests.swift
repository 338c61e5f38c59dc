import Testing

@testable import Redis

@Suite("The channel of invalidations, decided purely")
struct InvalidationMachineTests {
    private let start = ContinuousClock.now
    private var machine: InvalidationMachine = {
        var connection = RedisSettings()
        connection.reconnectBase = .milliseconds(10)
        return InvalidationMachine(
            InvalidationSettings(prefixes: ["v:"]), connection: connection, logIn: [RedisCommand("AUTH", "secret")])
    }()

    private func event(_ parts: RedisValue...) -> RedisValue { .array(parts) }
    private func text(_ text: String) -> RedisValue { .bulk(Array(text.utf8)) }
    private var subscribed: RedisValue { event(text("subscribe"), text(InvalidationMachine.channel), .integer(1)) }

    /// Up to the first ping.
    private mutating func listen() {
        #expect(machine.start(now: start) == [.connect(generation: 1)])
        let logIn = [RedisCommand("AUTH", "secret"), RedisCommand("CLIENT", "ID")]
        #expect(machine.opened(generation: 1, now: start) == [.send(logIn)])
        let subscription = [
            RedisCommand("CLIENT", "TRACKING", "ON", "REDIRECT", 77, "BCAST", "PREFIX", "v:"),
            RedisCommand("SUBSCRIBE", "__redis__:invalidate"),
        ]
        #expect(receive(.status("OK"), .integer(77)) == [.send(subscription)])
        #expect(receive(.status("OK"), subscribed) == [.tell(.listening)])
        #expect(machine.tick(now: start, random: 0) == [.send([RedisCommand("PING", 1)])])
    }

    private mutating func receive(
        _ values: RedisValue..., after delay: Duration = .zero
    ) -> [InvalidationMachine.Action] {
        machine.received(values, generation: machine.generation, now: start + delay, random: 0)
    }

    @Test("asks for its own number, redirects what it tracks to itself, and subscribes")
    mutating func logIn() {
        listen()
        #expect(machine.nextWake == start + .seconds(1))
    }

    @Test("changes are told in order, and a ping's answer says up to when they are complete")
    mutating func changes() {
        listen()
        let told = receive(
            event(text("message"), text(InvalidationMachine.channel), .array([text("v:1"), text("v:2")])),
            event(text("message"), text(InvalidationMachine.channel), .null),
            event(text("pong"), text("1")), after: .milliseconds(30))
        #expect(
            told == [.tell(.changed(keys: ["v:1", "v:2"])), .tell(.flushed), .tell(.complete(until: start))])
        // The next ping is due after the pause, and no earlier.
        #expect(machine.nextWake == start + .milliseconds(80))
        #expect(machine.tick(now: start + .milliseconds(79), random: 0).isEmpty)
        #expect(machine.tick(now: start + .milliseconds(80), random: 0) == [.send([RedisCommand("PING", 2)])])
    }

    @Test("an unanswered ping ends the channel, and what comes late on it is not heard")
    mutating func unanswered() {
        listen()
        let lost = machine.tick(now: start + .seconds(1), random: 0)
        #expect(lost.first == .close(generation: 1))
        guard case .tell(.lost) = lost.last else {
            Issue.record("\(lost)")
            return
        }
        let late = event(text("message"), text(InvalidationMachine.channel), .array([text("v:1")]))
        #expect(machine.received([late], generation: 1, now: start, random: 0).isEmpty)
        #expect(machine.tick(now: start + .seconds(2), random: 0) == [.connect(generation: 3)])
    }

    @Test(
        "anything that is not expected ends it",
        arguments: [
            RedisValue.error(RedisServerError(message: "ERR no")), .integer(1), .status("OK"), .null,
            .array([.bulk(Array("pong".utf8)), .bulk(Array("9".utf8))]),
            .array([.bulk(Array("message".utf8)), .bulk(Array("other".utf8)), .null]), .array([]),
        ])
    mutating func unexpected(value: RedisValue) {
        listen()
        let actions = receive(value)
        #expect(actions.first == .close(generation: 1) && actions.count == 2)
    }

    @Test("a server that knows no tracking is asked again, more and more seldom")
    mutating func refused() {
        #expect(machine.start(now: start).count == 1)
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<4 {
            _ = machine.opened(generation: machine.generation, now: now)
            let actions = machine.received(
                [.error(RedisServerError(message: "ERR unknown"))], generation: machine.generation, now: now, random: 0)
            #expect(actions.count == 1)
            guard let wake = machine.nextWake else {
                Issue.record("it gave up")
                return
            }
            pauses.append(wake - now)
            now = wake
            #expect(machine.tick(now: now, random: 0).count == 1)
        }
        #expect(pauses == [5, 10, 20, 40].map { .milliseconds($0) })
    }

    @Test("after its end nothing happens")
    mutating func shutdown() {
        listen()
        #expect(machine.shutdown() == [.close(generation: 1)])
        #expect(machine.nextWake == nil && machine.shutdown().isEmpty)
        #expect(machine.lost(.closed, generation: 2, now: start, random: 0).isEmpty)
        #expect(machine.tick(now: start + .seconds(9), random: 0).isEmpty)
    }
}
