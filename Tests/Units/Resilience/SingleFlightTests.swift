import Resilience
import Synchronization
import Testing

@Suite("Single flight")
struct SingleFlightTests {
    let time = ManualTime()

    var deadline: ContinuousClock.Instant { time.now + .seconds(1) }

    /// A load that ends when the test says so.
    final class Load: Sendable {
        let starts = Mutex(0)
        private let gate = AsyncStream.makeStream(of: Result<Int, any Error>.self)

        func end(_ result: Result<Int, any Error>) {
            gate.continuation.yield(result)
        }

        func callAsFunction() async throws -> Int {
            starts.withLock { $0 += 1 }
            for await result in gate.stream { return try result.get() }
            throw CancellationError()
        }
    }

    struct Failed: Error {}

    func flight(maximumKeys: Int = 4, maximumWaitersPerKey: Int = 8) -> SingleFlight<String, Int> {
        SingleFlight(maximumKeys: maximumKeys, maximumWaitersPerKey: maximumWaitersPerKey, time: time.source)
    }

    @Test("loads once for all who wait together")
    func sharesOneLoad() async throws {
        let flight = flight()
        let load = Load()
        let tasks = (0..<8).map { _ in
            Task { try await flight.value(for: "a", deadline: deadline) { try await load() } }
        }
        try await eventually("all wait") { flight.waiting(for: "a") == 8 }
        load.end(.success(7))
        for task in tasks { #expect(try await task.value == 7) }
        #expect(load.starts.withLock { $0 } == 1)
        #expect(flight.keysLoading == 0)
    }

    @Test("gives everybody the load's error")
    func sharesErrors() async throws {
        let flight = flight()
        let load = Load()
        let tasks = (0..<3).map { _ in
            Task { try await flight.value(for: "a", deadline: deadline) { try await load() } }
        }
        try await eventually("all wait") { flight.waiting(for: "a") == 3 }
        load.end(.failure(Failed()))
        for task in tasks { await #expect(throws: Failed.self) { try await task.value } }
    }

    @Test("goes on for the others when the first caller is cancelled")
    func cancellation() async throws {
        let flight = flight()
        let load = Load()
        let first = Task { try await flight.value(for: "a", deadline: deadline) { try await load() } }
        try await eventually("it loads") { load.starts.withLock { $0 } == 1 }
        let second = Task { try await flight.value(for: "a", deadline: deadline) { try await load() } }
        try await eventually("both wait") { flight.waiting(for: "a") == 2 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        load.end(.success(1))
        #expect(try await second.value == 1)
        #expect(load.starts.withLock { $0 } == 1)
    }

    @Test("lets a waiter go at its own deadline, and keeps the load for the next")
    func deadlines() async throws {
        let flight = flight()
        let load = Load()
        let late = Task { try await flight.value(for: "a", deadline: deadline) { try await load() } }
        try await eventually("it waits") { time.sleepers == 1 }
        time.advance(by: .seconds(1))
        await #expect(throws: SingleFlightError.deadlineExceeded) { try await late.value }
        let next = Task { try await flight.value(for: "a", deadline: deadline) { try await load() } }
        try await eventually("it joined") { flight.waiting(for: "a") == 1 }
        load.end(.success(2))
        #expect(try await next.value == 2)
        #expect(load.starts.withLock { $0 } == 1)
    }

    @Test("refuses keys and waiters beyond its limits")
    func limits() async throws {
        let flight = flight(maximumKeys: 1, maximumWaitersPerKey: 1)
        let load = Load()
        let first = Task { try await flight.value(for: "a", deadline: deadline) { try await load() } }
        try await eventually("it waits") { flight.waiting(for: "a") == 1 }
        for key in ["a", "b"] {
            await #expect(throws: SingleFlightError.full) {
                try await flight.value(for: key, deadline: deadline) { try await load() }
            }
        }
        load.end(.success(3))
        #expect(try await first.value == 3)
    }

    @Test("loads again once the last load has ended")
    func loadsAgain() async throws {
        let flight = flight()
        for expected in 1...3 {
            #expect(try await flight.value(for: "a", deadline: deadline) { expected } == expected)
        }
    }
}
