import Postgres

/// Whether commits of a primary in durable mode can be confirmed: with no replica left each would hang until its
/// deadline, so that those that come after are refused at once.
struct CommitConfirmation: Sendable {
    private var wait = CommitWait.none
    private var unconfirmed: ContinuousClock.Instant?

    /// How long a commit without confirmation speaks against the next. A paused replica stays in the primary's list
    /// until its sender gives up on it, three seconds in the bundled fleets.
    static let memory = Duration.seconds(3)

    /// Commits wait for a replica.
    var isDurable: Bool { wait != .none }

    /// What the primary says.
    mutating func learn(_ wait: CommitWait) {
        self.wait = wait
    }

    /// A commit was sent, and its answer did not come or said that no replica has it.
    mutating func wasNotConfirmed(at now: ContinuousClock.Instant) {
        unconfirmed = now
    }

    /// Whether the next commit would hang.
    /// - Parameter isAnyReplicaThere: whether a replica answers this server. One that does not may well answer the
    ///   primary, so that it takes a commit without confirmation to believe otherwise.
    func isHeld(isAnyReplicaThere: Bool, at now: ContinuousClock.Instant) -> Bool {
        switch wait {
        case .none: false
        case .unconfirmed: true
        case .confirmed: !isAnyReplicaThere && unconfirmed.map { now - $0 < Self.memory } ?? false
        }
    }
}
