import Postgres

extension DatabaseNode {
    /// Reads the history file of the timeline that the node is on.
    /// - Returns: nil when the server's schema or rights do not let us.
    func history(
        of timeline: UInt32, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> TimelineHistory? {
        let rows: Rows
        do throws(PostgresError) {
            rows = try await postgres.read("SELECT timeline_history(\(Int64(timeline)))", deadline: deadline)
        } catch {
            guard case .server(let refusal) = error.reason, refusal.sqlState.errorClass == "42" else { throw error }
            return nil
        }
        guard let file = (try? rows.first?.value(0, as: String?.self)) ?? nil else { return nil }
        return TimelineHistory(of: timeline, file: file)
    }
}
