/// Lets a replica receive WAL and not replay it: it goes on answering, and what it says grows older.
struct ReplayPauseFault: FaultMechanism {
    static let summary = FaultSummary(
        name: .replayPause, effect: "a replica receives and does not replay; it goes on answering, ever staler",
        targets: "a Postgres replica, every one that fits (shard-0-replica-*)", parameters: [])

    let nodes: [String]
    private let groups: [PostgresGroup]
    /// The replicas' positions when the pause was seen; another later means that one replayed. Filled by the first
    /// look.
    private let marks = FirstMarks()

    /// How long a healed replica may take, in one look, to replay what its primary has written by then.
    static let catchUpPause = Duration.milliseconds(10)
    static let catchUpLooks = 20

    init(_ fault: Fault, on target: FaultTarget, in topology: Topology) throws(FleetError) {
        nodes = try target.nodes(for: .replayPause, in: topology)
        groups = PostgresGroup.all(in: topology)
        for name in nodes where !topology.nodes.contains(where: { $0.name == name && $0.replicaOf != nil }) {
            let replicas = groups.flatMap(\.replicas).joined(separator: ", ")
            throw .usage("replay-pause acts on replicas, and \(name) starts as none; there are \(replicas)")
        }
    }

    func inject(_ id: String, at site: FleetSite) async throws {
        try await site.forEach(nodes) { _ = try await site.postgres($0).query("SELECT pg_wal_replay_pause()") }
    }

    /// In force when the server says so, its position has stood still since the first look, and there is more to
    /// replay: what its primary has written or, when that is gone too, what the replica has received. So that there is
    /// more on an idle fleet too, each look writes one message of no effect into the log.
    func look(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.look(nodes) { node in
            do {
                let written = try? await primary(of: node, at: site)
                let end = written.map { "'\($0)'::pg_lsn" } ?? "pg_last_wal_receive_lsn()"
                let sql = """
                    SELECT pg_get_wal_replay_pause_state(), pg_last_wal_replay_lsn(), \
                    pg_last_wal_replay_lsn() < \(end), \(end)
                    """
                let row = try await site.postgres(node).query(sql).first ?? []
                guard row.count == 4, let state = row[0], let position = row[1] else {
                    return FaultLook(isSo: false, evidence: "\(node) is no replica now")
                }
                let more = (written == nil ? "it has received " : "its primary has written ") + (row[3] ?? "nothing")
                let evidence = "replay of \(node) is \(state) at \(position), \(more)"
                guard marks.isUnchanged(position, of: node) else {
                    return FaultLook(isSo: false, evidence: "\(evidence); it has replayed since it was paused")
                }
                return FaultLook(isSo: state == "paused" && row[2] == "t", evidence: evidence)
            } catch {
                return FaultLook(isSo: false, evidence: "cannot tell what \(node) replays: \(error)")
            }
        }
    }

    /// Promotion and a restart end a pause too: then there is nothing to undo.
    func heal(_ id: String, at site: FleetSite) async throws {
        try await site.forEach(nodes) { node in
            let state = try await site.runtime.state(of: node)
            if state == .exited || state == .absent { return }
            _ = try await site.postgres(node).query(
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_replay_resume() END")
        }
    }

    /// Healed when it has replayed what its primary had written when the look began.
    func lookHealed(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.look(nodes) { node in
            do {
                let written = try await primary(of: node, at: site)
                let sql = """
                    SELECT CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() ELSE 'over' END, \
                    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= '\(written)' ELSE true END
                    """
                for _ in 0..<Self.catchUpLooks {
                    let row = try await site.postgres(node).query(sql).first ?? []
                    if row.first != "paused", row.last == "t" {
                        return FaultLook(isSo: true, evidence: "\(node) has replayed up to \(written)")
                    }
                    try await site.environment.sleep(Self.catchUpPause)
                }
                return FaultLook(isSo: false, evidence: "\(node) has not replayed \(written) yet")
            } catch {
                return FaultLook(isSo: false, evidence: "cannot tell what \(node) replays: \(error)")
            }
        }
    }

    /// Writes a message into the log of the node's present primary, and returns the position after it.
    private func primary(of node: String, at site: FleetSite) async throws -> String {
        for name in groups.first(where: { $0.nodes.contains(node) })?.nodes ?? [] where name != node {
            let sql = """
                SELECT CASE WHEN pg_is_in_recovery() THEN NULL \
                ELSE pg_logical_emit_message(false, 'seaworthy', 'replay-pause') END
                """
            if let position = try? await site.postgres(name).query(sql).first?.first ?? nil { return position }
        }
        throw FleetError.failed("no primary of \(node) answers")
    }
}
