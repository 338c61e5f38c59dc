/// When a breaker opens, and how it finds its way back.
public struct CircuitBreakerSettings: Sendable, Hashable {
    /// A disabled breaker never refuses and never moves.
    public var isEnabled: Bool
    /// How many of the latest calls are looked at, 1 to 64.
    public var windowSize: Int
    /// Fewer calls than this prove nothing, so the failure rate is not looked at.
    public var minimumCalls: Int
    /// The share of failed calls, 0 to 1, at which the breaker opens.
    public var failureThreshold: Double
    /// How long it stays open before one probe may pass.
    public var cooldown: Duration
    /// A probe without an answer for this long is lost and counts as failed.
    public var probeTimeout: Duration
    /// How many pings in a row have to fail to open the breaker.
    public var failedPingsToOpen: Int

    /// Makes settings; values outside their range are moved to its nearest end.
    public init(
        isEnabled: Bool = true, windowSize: Int = 20, minimumCalls: Int = 5, failureThreshold: Double = 0.5,
        cooldown: Duration = .seconds(10), probeTimeout: Duration = .seconds(1), failedPingsToOpen: Int = 2
    ) {
        self.isEnabled = isEnabled
        self.windowSize = min(max(windowSize, 1), FailureWindow.largestSize)
        self.minimumCalls = min(max(minimumCalls, 1), self.windowSize)
        self.failureThreshold = min(max(failureThreshold, 0.01), 1)
        self.cooldown = max(cooldown, .zero)
        self.probeTimeout = max(probeTimeout, .milliseconds(1))
        self.failedPingsToOpen = max(failedPingsToOpen, 1)
    }
}
