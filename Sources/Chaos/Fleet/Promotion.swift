import Foundation
import SystemPackage

/// Gives a Postgres group another primary, and puts it in order afterwards. Every step looks at what is there, so that
/// whoever goes on after a controller's death needs nothing but the fleet itself.
struct Promotion: Sendable {
    let group: PostgresGroup
    let site: FleetSite

    /// How long replicas may take to notice that their primary is gone.
    static let noticeLimit = Duration.seconds(3)
    static let promoteLimit = Duration.seconds(10)
    /// How long a replica may take to stream from its new primary before it is copied anew.
    static let followLimit = Duration.seconds(5)
    /// How long another process of this fleet may be at work on the same group.
    static let lockLimit = Duration.seconds(60)

    /// What was done, and what it may have cost.
    struct Outcome: Sendable, CustomStringConvertible {
        var fenced: String
        var promoted: String
        /// Where the new timeline begins.
        var fork: String
        /// Commits in the old primary's log past the fork: acknowledged to somebody, and known to nobody else. Nil when
        /// its log could not be read.
        var lostCommits: Int?
        /// When the new primary had been promoted.
        var moment: ContinuousClock.Instant

        var description: String {
            let lost = lostCommits.map { "\($0) commits" } ?? "an unknown number of commits"
            return "\(promoted) was promoted for \(fenced) at \(fork), which leaves \(lost) of \(fenced) behind"
        }
    }

    /// Fences the primary, waits, promotes the replica that has received most, and points the others at it.
    /// - Throws: when there is no primary to replace, or no replica that answers.
    func perform(after outage: Duration) async throws -> Outcome {
        let lock = try await lock()
        defer { lock.release() }
        let before = await GroupStanding.survey(group, at: site)
        guard let old = before.leader ?? before.members.first(where: { !$0.isStandby }) else {
            throw FleetError.failed("\(group.name) has no primary that could be replaced: \(before)")
        }
        // Nothing may be written to the old one any more once another takes writes.
        if old.state != .exited, old.state != .absent { try await site.runtime.kill(old.node) }
        try await site.environment.sleep(outage)
        let standing = try await awaitStandstill()
        let candidates = standing.members.filter { $0.report?.isLeader == false }
        guard let best = candidates.max(by: { ($0.report?.position ?? 0) < ($1.report?.position ?? 0) }) else {
            throw FleetError.failed("no replica of \(group.name) answers, so none can be promoted: \(standing)")
        }
        let (fork, moment) = try await promote(best.node)
        try await site.createSlots(on: site.context.node(best.node))
        let lost = await lostCommits(of: old.node, after: fork)
        for member in candidates where member.node != best.node { try await follow(member.node, best.node) }
        return Outcome(fenced: old.node, promoted: best.node, fork: fork, lostCommits: lost, moment: moment)
    }

    /// Brings every node of the group back behind the present leader; starts the old one again when nobody was
    /// promoted.
    /// - Parameter id: the fault that is being healed. What another fault holds down stays down.
    func restore(except id: String) async throws {
        let lock = try await lock()
        defer { lock.release() }
        var standing = await GroupStanding.survey(group, at: site)
        if standing.leader == nil {
            guard let node = newestEndedPrimary(standing) else {
                throw FleetError.failed("\(group.name) has no node that could lead: \(standing)")
            }
            try await site.start(node, limit: KillFault.startLimit)
            standing = await GroupStanding.survey(group, at: site)
        }
        guard let leader = standing.leader else {
            throw FleetError.failed("\(group.name) has no leader: \(standing)")
        }
        try await site.createSlots(on: site.context.node(leader.node))
        let held = try heldDown(except: id)
        let others = standing.members.filter { $0.node != leader.node && !held.contains($0.node) }
        for member in others where !standing.follows(member, leader) { try await bringBack(member, leader.node) }
    }

    private func bringBack(_ member: GroupStanding.Member, _ leader: String) async throws {
        switch member.state {
        case .running where member.isStandby: try await follow(member.node, leader)
        case .running: try await copy(leader, to: member.node)
        case .exited, .absent:
            guard member.isStandby else { return try await copy(leader, to: member.node) }
            try site.runtime.configure(member.node, following: leader)
            try await site.start(member.node, limit: KillFault.startLimit)
        // Another fault's; it follows once that one is healed.
        case .paused, .partlyPaused: try site.runtime.configure(member.node, following: leader)
        }
    }

    /// Two at work on one group at once, a controller and its guardian, would undo each other's copies.
    private func lock() async throws -> FileLock {
        try await FileLock.take(
            site.context.directory.appending("promotion-\(group.name).lock"), limit: Self.lockLimit,
            in: site.environment)
    }

    /// Returns once no replica streams any more: what was under way has arrived.
    private func awaitStandstill() async throws -> GroupStanding {
        let end = site.environment.now() + Self.noticeLimit
        while true {
            let standing = await GroupStanding.survey(group, at: site)
            let isStill = standing.members.allSatisfy { $0.report?.isStreaming != true }
            if isStill || site.environment.now() >= end { return standing }
            try await site.environment.sleep(.milliseconds(20))
        }
    }

    /// - Returns: where the new timeline begins, as its history file says, and when it began.
    private func promote(_ node: String) async throws -> (fork: String, moment: ContinuousClock.Instant) {
        var probe = try await site.postgres(node)
        probe.limit = Self.promoteLimit + .seconds(2)
        let seconds = Self.promoteLimit.wholeMilliseconds / 1_000
        guard try await probe.query("SELECT pg_promote(true, \(seconds))").first?.first == "t" else {
            throw FleetError.failed("\(node) was not promoted within \(Self.promoteLimit):\n\(site.logTail(of: node))")
        }
        let moment = site.environment.now()
        let sql = """
            SELECT pg_read_file('pg_wal/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || '.history')
            """
        let history = try await probe.query(sql).first?.first ?? nil
        // Lines of `timeline, position, reason`; the last one is the step to this timeline.
        let last = history?.split(separator: "\n").last { !$0.isEmpty }?.split(separator: "\t")
        return (last.flatMap { $0.count > 1 ? String($0[1]) : nil } ?? "0/0", moment)
    }

    /// Commits of an ended server that lie past a position, by its own log.
    private func lostCommits(of node: String, after position: String) async -> Int? {
        let directory = site.runtime.dataDirectory(node).appending("pg_wal")
        guard let timeline = Self.newestTimeline(in: directory) else { return nil }
        // Ends with an error where the log ends, which is here what one wants.
        let output = try? await site.runtime.runPostgresProgram(
            [
                "pg_waldump", "--path=\(directory)", "--timeline=\(timeline)", "--start=\(position)",
                "--rmgr=Transaction",
            ], as: node)
        return output?.text.split(separator: "\n").count { $0.contains("desc: COMMIT") }
    }

    /// Points a running replica at its new primary; one that cannot follow it is copied anew. One ahead of the fork
    /// would otherwise serve on the old timeline what is lost.
    private func follow(_ node: String, _ leader: String) async throws {
        try site.runtime.configure(node, following: leader)
        _ = try await site.postgres(node).query("SELECT pg_reload_conf()")
        let end = site.environment.now() + Self.followLimit
        while site.environment.now() < end {
            let standing = await GroupStanding.survey(group, at: site)
            if let first = standing.leader, let member = standing.members.first(where: { $0.node == node }),
                standing.follows(member, first)
            {
                return
            }
            try await site.environment.sleep(.milliseconds(20))
        }
        try await copy(leader, to: node)
    }

    /// Gives a node a new base backup. pg_rewind would be less to copy, and refuses a source without
    /// `full_page_writes`, which fleets do without (see docs/decisions/0051).
    private func copy(_ leader: String, to node: String) async throws {
        let state = try await site.runtime.state(of: node)
        if state != .exited, state != .absent { try await site.runtime.kill(node) }
        let data = site.runtime.dataDirectory(node)
        let directory = site.context.nodeDirectory(node)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.string)
        where name.hasPrefix("data.copy-") {
            try FileManager.default.removeItem(atPath: directory.appending(name).string)
        }
        let copy = directory.appending("data.copy-\(site.environment.random() % 1_000_000)")
        let address = try site.runtime.linkAddress(Link(client: node, server: leader))
        let output = try await site.runtime.runPostgresProgram(
            [
                "pg_basebackup", "--pgdata=\(copy)",
                "--dbname=\(PostgresConfiguration.connectionText(address, node: node))", "--wal-method=stream",
                "--checkpoint=fast", "--no-sync", "--no-manifest",
                "--slot=\(PostgresConfiguration.slot(of: node))",
            ], as: node)
        guard output.status == 0 else {
            throw FleetError.failed("cannot copy \(leader) to \(node):\n\(site.logTail(of: node))")
        }
        if FileManager.default.fileExists(atPath: data.string) {
            try FileManager.default.removeItem(atPath: data.string)
        }
        try FileManager.default.moveItem(atPath: copy.string, toPath: data.string)
        try site.runtime.configure(node, following: leader)
        try await site.start(node, limit: KillFault.startLimit)
    }

    /// Of several ended primaries the one on the newest timeline: the others were fenced before it.
    private func newestEndedPrimary(_ standing: GroupStanding) -> String? {
        standing.members.filter(\.isEndedPrimary).map(\.node).max { timeline(of: $0) < timeline(of: $1) }
    }

    private func timeline(of node: String) -> Int {
        Self.newestTimeline(in: site.runtime.dataDirectory(node).appending("pg_wal")) ?? 0
    }

    /// The names of segments and history files begin with their timeline, in eight hexadecimal digits.
    static func newestTimeline(in directory: FilePath) -> Int? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? []
        return names.filter { $0.count >= 16 }.compactMap { Int($0.prefix(8), radix: 16) }.max()
    }

    /// Nodes that another fault has ended.
    private func heldDown(except id: String) throws -> Set<String> {
        let faults = try site.context.ledger.state().faults.filter { $0.id != id && $0.fault.kind == .kill }
        return Set(faults.flatMap { $0.target.nodes(in: site.context.topology) })
    }
}
