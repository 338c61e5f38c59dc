import Foundation

/// Who leads a Postgres group at the moment and who follows, as its nodes themselves say.
struct GroupStanding: Sendable, CustomStringConvertible {
    /// In the group's order.
    var members: [Member]

    /// One node of the group.
    struct Member: Sendable {
        var node: String
        var state: NodeState
        /// Whether its data directory is a standby's.
        var isStandby: Bool
        /// What it says of itself; nil when it does not answer.
        var report: Report?

        /// Ended, and not as a standby: a fenced primary.
        var isEndedPrimary: Bool { (state == .exited || state == .absent) && !isStandby }
    }

    /// What a running node says.
    struct Report: Sendable {
        var isLeader: Bool
        /// That it writes, or receives; nil for a standby that receives nothing.
        var timeline: Int?
        /// Bytes of WAL that it has written, or received.
        var position: Int64
        var isStreaming: Bool
    }

    /// The leader on the newest timeline.
    var leader: Member? {
        members.filter { $0.report?.isLeader == true }.max { ($0.report?.timeline ?? 0) < ($1.report?.timeline ?? 0) }
    }

    /// Whether exactly one leads, and every other one that runs follows its timeline.
    var isOfOneMind: Bool {
        guard let leader else { return false }
        return members.allSatisfy { $0.node == leader.node || $0.state != .running || follows($0, leader) }
    }

    func follows(_ member: Member, _ leader: Member) -> Bool {
        guard let report = member.report, !report.isLeader else { return false }
        return report.isStreaming && report.timeline == leader.report?.timeline
    }

    var description: String {
        members.map { member in
            guard let report = member.report else { return "\(member.node) is \(member.state.rawValue)" }
            let timeline = report.timeline.map { "timeline \($0)" } ?? "no timeline"
            if report.isLeader { return "\(member.node) leads \(timeline)" }
            return "\(member.node) \(report.isStreaming ? "follows" : "waits for") \(timeline)"
        }.joined(separator: ", ")
    }

    /// Timeline from the WAL's own file name: the control file lags after a promotion.
    private static let question = """
        SELECT pg_is_in_recovery(), \
        CASE WHEN pg_is_in_recovery() THEN (SELECT received_tli::text FROM pg_stat_wal_receiver) \
        ELSE substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) END, \
        CASE WHEN pg_is_in_recovery() \
        THEN greatest(coalesce(pg_last_wal_receive_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0')) \
        ELSE pg_current_wal_flush_lsn() END - '0/0'::pg_lsn, \
        EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')
        """

    /// Asks every node, all at once.
    static func survey(_ group: PostgresGroup, at site: FleetSite) async -> GroupStanding {
        let members = await withTaskGroup(of: Member.self) { tasks in
            for node in group.nodes { tasks.addTask { await look(at: node, of: site) } }
            return await tasks.reduce(into: [String: Member]()) { $0[$1.node] = $1 }
        }
        return GroupStanding(members: group.nodes.compactMap { members[$0] })
    }

    private static func look(at node: String, of site: FleetSite) async -> Member {
        let signal = site.runtime.dataDirectory(node).appending(PostgresConfiguration.standbySignal)
        var member = Member(
            node: node, state: (try? await site.runtime.state(of: node)) ?? .absent,
            isStandby: FileManager.default.fileExists(atPath: signal.string))
        guard member.state == .running, let row = try? await site.postgres(node).query(question).first, row.count == 4
        else { return member }
        let isLeader = row[0] == "f"
        member.report = Report(
            isLeader: isLeader, timeline: row[1].flatMap { Int($0, radix: isLeader ? 16 : 10) },
            position: row[2].flatMap { Int64($0) } ?? 0, isStreaming: row[3] == "t")
        return member
    }
}
