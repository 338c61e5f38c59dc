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
    public static func find(among nodes: [PostgresNode], deadline: ContinuousClock.Instant) async -> Answer {
        await withTaskGroup(of: (PostgresNode, Result<ServerStatus, PostgresError>).self) { group in
            for node in nodes {
                group.addTask {
                    do throws(PostgresError) {
                        return (node, .success(try await node.ping(deadline: deadline)))
                    } catch {
                        return (node, .failure(error))
                    }
                }
            }
            var answer = Answer(primary: nil, statuses: [:])
            var newest: UInt32 = 0
            for await (node, status) in group {
                answer.statuses[node.endpoint.name] = status
                // An old primary that came back still takes writes, on a timeline that has been left.
                if case .success(let status) = status, !status.inRecovery, status.timeline > newest {
                    newest = status.timeline
                    answer.primary = node
                }
            }
            return answer
        }
    }
}
