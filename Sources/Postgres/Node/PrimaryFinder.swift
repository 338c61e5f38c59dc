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
        await withTaskGroup(of: Asked.self) { group in
            for node in nodes {
                group.addTask { await Asked(node, deadline: deadline) }
            }
            var answer = Answer(primary: nil, statuses: [:])
            var newest: UInt32 = 0
            for await asked in group {
                answer.statuses[asked.node.endpoint.name] = asked.status
                // An old primary that came back still takes writes, on a timeline that has been left.
                if case .success(let status) = asked.status, !status.inRecovery, status.timeline > newest {
                    newest = status.timeline
                    answer.primary = asked.node
                }
            }
            return answer
        }
    }

    /// A value of its own rather than a tuple: optimised, Swift 6.3.1 lost the node of a tuple that was built around a
    /// typed `try await` in the task's closure.
    private struct Asked: Sendable {
        let node: PostgresNode
        let status: Result<ServerStatus, PostgresError>

        init(_ node: PostgresNode, deadline: ContinuousClock.Instant) async {
            self.node = node
            do throws(PostgresError) {
                status = .success(try await node.ping(deadline: deadline))
            } catch {
                status = .failure(error)
            }
        }
    }
}
