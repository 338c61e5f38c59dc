/// How one logical order goes on after each of its attempts ended: a value that decides, so that the client around it
/// only waits and sends.
struct OrderProgress: Equatable {
    /// No order is tried more often than this.
    static let maximumAttempts = 60
    /// With its jitter and the time-out before it, about as long as the service may go on with an attempt that its
    /// client has given up: to ask earlier adds to what keeps it from answering. With 100 ms here a service that was
    /// overloaded for a second stayed so, by its retries alone.
    static let firstBackoff = Duration.milliseconds(500)
    static let longestBackoff = Duration.seconds(4)

    private(set) var attempts = 0
    private(set) var isSettled = false
    /// Some attempt may have taken effect without an answer.
    private(set) var isUnknown = false

    enum End: Equatable {
        /// It stands: the service said so.
        case accepted
        /// Certainly without effect, and saying nothing of other attempts: turned away before it was tried.
        case turnedAway
        /// Another attempt with this key is under way.
        case inProgress
        /// Certainly without effect, and so is every attempt with this key: malformed, out of stock.
        case refused
        /// Sent and not answered, or answered that the outcome is unknown.
        case unknown
    }

    mutating func attemptEnded(_ end: End) {
        attempts += 1
        switch end {
        case .accepted, .refused: isSettled = true
        case .unknown: isUnknown = true
        case .turnedAway, .inProgress: break
        }
    }

    /// How long to wait before the next attempt; nil when there is none to make: settled, turned away for certain (a
    /// client that knows this may give up), or tried often enough.
    /// - Parameter jitter: from 0 to 1; half of the wait is drawn, so that clients do not come back in step.
    func retry(jitter: Double) -> Duration? {
        guard !isSettled, isUnknown, attempts < Self.maximumAttempts else { return nil }
        let doubled = Self.firstBackoff * (1 << min(attempts - 1, 10))
        return min(doubled, Self.longestBackoff) * (0.5 + jitter / 2)
    }

    /// What an answer's status means for the order.
    static func end(status: Int, code: String?) -> End {
        switch status {
        case 200..<300: .accepted
        case 409 where code?.contains("progress") == true: .inProgress
        case 429, 503: .turnedAway
        case 400..<500: .refused
        default: .unknown
        }
    }
}
