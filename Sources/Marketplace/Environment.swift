#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Everything the marketplace takes from outside itself: clocks, waiting and randomness. Passed in, so that tests and
/// simulations decide them; ``live`` is the only place that reaches for the real ones.
public struct Environment: Sendable {
    /// For durations and deadlines; never goes back.
    public var now: @Sendable () -> ContinuousClock.Instant
    /// For what is shown to people and stored; may jump.
    public var wallClock: @Sendable () -> Timestamp
    /// Waits until the instant; throws `CancellationError` when its task is cancelled.
    public var sleep: @Sendable (ContinuousClock.Instant) async throws -> Void
    /// 64 random bits.
    public var random: @Sendable () -> UInt64

    /// Makes an environment from its functions.
    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        wallClock: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void,
        random: @escaping @Sendable () -> UInt64
    ) {
        self.now = now
        self.wallClock = wallClock
        self.sleep = sleep
        self.random = random
    }

    /// The machine's clocks and its random numbers.
    public static let live = Environment(
        now: { ContinuousClock.now },
        wallClock: { readWallClock() },
        sleep: { try await ContinuousClock().sleep(until: $0) },
        random: { UInt64.random(in: .min ... .max) })

    private static func readWallClock() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Waits the duration; throws `CancellationError` when its task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await sleep(now() + duration)
    }

    /// Uniform in 0..<1, from the top 53 bits.
    public func randomFraction() -> Double {
        Double(random() >> 11) * 0x1p-53
    }
}

/// A seeded source of random bits: SplitMix64 (Steele, Lea, Flood 2014).
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The same seed gives the same numbers.
    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        defer { state &+= 0x9E37_79B9_7F4A_7C15 }
        return RoutingKey(state).mixed
    }

    /// Evenly from 0 up to, and without, the limit.
    mutating func below(_ limit: Int) -> Int {
        Int(next() % UInt64(limit))
    }

    /// One of them; there has to be one.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// A number for an id: 62 random bits, never 0.
    mutating func idNumber() -> Int64 {
        Int64(next() >> 2) | 1
    }
}
