import Resilience

/// Breakers, bulkheads and retries, the same for every dependency.
public struct ResilienceSettings: Sendable, Hashable {
    /// When breakers open and close.
    public var breaker = CircuitBreakerSettings()
    /// How dependencies are pinged.
    public var monitor = DependencyMonitor.Settings()
    /// Calls that one dependency may occupy at once.
    public var bulkheadSlots = 128
    /// Calls that may wait for one of those slots.
    public var bulkheadQueue = 256
    /// The bound of the first delay before a retry; it doubles with each.
    public var retryBase = Duration.milliseconds(100)
    /// How often a write that certainly failed is tried again.
    public var retryTimes = 3

    /// The defaults.
    public init() {}

    init(_ reader: inout SettingsReader) {
        let threshold = reader.fraction("BREAKER_THRESHOLD", default: 0.5, "share of failed calls that opens a breaker")
        let cooldown = reader.duration("BREAKER_COOLDOWN_MS", default: 10_000, "an open breaker waits before a probe")
        breaker = CircuitBreakerSettings(failureThreshold: threshold, cooldown: cooldown)
        monitor = DependencyMonitor.Settings(
            interval: reader.duration("PING_INTERVAL_MS", default: 200, "every dependency is pinged each"),
            timeout: reader.duration("PING_TIMEOUT_MS", default: 250, "a ping has failed after"))
        bulkheadSlots = reader.integer(
            "BULKHEAD_SLOTS", default: bulkheadSlots, in: 1...4096, unit: "calls", "at once, per dependency")
        bulkheadQueue = reader.integer(
            "BULKHEAD_QUEUE", default: bulkheadQueue, in: 0...65_536, unit: "calls", "that may wait, per dependency")
        retryBase = reader.duration("RETRY_BASE_MS", default: 100, "bound of the first delay before a retry")
        retryTimes = reader.integer(
            "RETRY_TIMES", default: retryTimes, in: 0...10, unit: "retries", "of a write that certainly failed")
    }
}
