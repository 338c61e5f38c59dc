import Generators
import Testing

@testable import Redis

/// Redis answers without numbers: the order is all there is, so a place may never be lost or taken twice.
@Suite("A Redis connection, whatever happens in whatever order")
struct ConnectionProperties {
    @Test("every caller is told once: its own reply, or what is true of its command")
    func everyCallerItsOwn() async throws {
        try await check(Generator.array(of: ConnectionEvent.generator, count: 0...150), count: 500) { events in
            var bench = ConnectionBench()
            for event in events { try bench.take(event) }
            try bench.finish()
        }
    }
}

/// What may happen to a connection.
enum ConnectionEvent: Sendable {
    case submit(milliseconds: Int)
    case send
    case cancel(Int)
    /// The channel opens: the present one, or one that was left before.
    case open(isPresent: Bool)
    /// The server of the present channel, or of one that was left, answers some commands.
    case reply(count: Int, isPresent: Bool)
    case lose(isPresent: Bool)
    case wait(milliseconds: Int)
    /// A reply of a kind that nobody asked for.
    case nonsense

    static var generator: Generator<ConnectionEvent> {
        let isPresent = Generator<Bool>.frequency([(5, .always(true)), (1, .always(false))])
        return .frequency([
            (8, Generator<Int>.int(in: -5...400).map { .submit(milliseconds: $0) }),
            (6, .always(.send)),
            (6, zip(.int(in: 1...5), isPresent).map { .reply(count: $0, isPresent: $1) }),
            (4, isPresent.map { .open(isPresent: $0) }),
            (3, Generator<Int>.int(in: 0...40).map { .cancel($0) }),
            (3, Generator<Int>.int(in: 1...150).map { .wait(milliseconds: $0) }),
            (1, isPresent.map { .lose(isPresent: $0) }),
            (1, .always(.nonsense)),
        ])
    }
}
