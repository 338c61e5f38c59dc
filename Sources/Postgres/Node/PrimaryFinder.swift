/// Finds the server that takes writes by asking every one at once (libpq's own search waits for a silent first host).
public enum PrimaryFinder {
    /// What was found.
    public struct Answer: Sendable {
        /// The server out of recovery on the greatest timeline; nil when none answered so in time.
        public var primary: PostgresNode?
        /// Every server's own answer, by node name.
        public var statuses: [String: Result<ServerStatus, PostgresError>]
    }

    /// Asks all nodes in parallel, each with the same deadline, and returns when all have answered or it has passed.
    public static func find(
        among nodes: [PostgresNode], deadline: ContinuousClock.Instant
    ) async -> Answer { fatalError("not yet") }
}
