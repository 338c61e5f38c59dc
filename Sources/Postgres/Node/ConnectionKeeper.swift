/// Decides when to connect: how many connections there should be, and after failures how long to wait.
///
/// Full jitter (Marc Brooker, "Exponential Backoff And Jitter", 2015): the pause is drawn from 0 to a bound that
/// doubles, so that clients which lost the same server do not come back at once. While attempts fail there is one at a
/// time.
///
/// Else some at a time: a server that answers slowly makes callers wait, and a connection for each of them at once
/// would take from it what it lacks.
struct ConnectionKeeper {
    private let maximum: Int
    private let maximumConnecting: Int
    private let minimumDelay: Duration
    private let maximumDelay: Duration
    private(set) var connecting = 0
    private(set) var open = 0
    private var failures = 0
    /// No attempt before this moment.
    private(set) var retryAt: ContinuousClock.Instant?

    init(maximum: Int, maximumConnecting: Int, minimumDelay: Duration, maximumDelay: Duration) {
        self.maximum = maximum
        self.maximumConnecting = maximumConnecting
        self.minimumDelay = minimumDelay
        self.maximumDelay = maximumDelay
    }

    /// Nothing is open and the last attempt failed.
    var isDown: Bool { open == 0 && failures > 0 }

    /// How many connections to open now; they count as connecting from here on.
    mutating func attempts(wanted: Int, now: ContinuousClock.Instant) -> Int {
        if let retryAt, now < retryAt { return 0 }
        retryAt = nil
        let missing = min(wanted, maximum) - open - connecting
        let allowed = min(missing, (failures > 0 ? 1 : maximumConnecting) - connecting)
        guard allowed > 0 else { return 0 }
        connecting += allowed
        return allowed
    }

    mutating func opened() {
        connecting -= 1
        open += 1
        failures = 0
        retryAt = nil
    }

    /// - Parameter random: from 0 up to 1.
    mutating func failed(now: ContinuousClock.Instant, random: Double) {
        connecting -= 1
        failures = min(failures + 1, 30)
        var bound = minimumDelay
        for _ in 0..<failures - 1 where bound < maximumDelay { bound *= 2 }
        retryAt = now + pause(min(bound, maximumDelay), random)
    }

    /// An open one is gone; the first new attempt comes soon.
    mutating func lost(now: ContinuousClock.Instant, random: Double) {
        open -= 1
        if failures == 0 { retryAt = now + pause(minimumDelay, random) }
    }

    /// Never nothing, or a refusal that comes at once would be met by an attempt at once.
    private func pause(_ bound: Duration, _ random: Double) -> Duration { max(.milliseconds(1), bound * random) }
}
