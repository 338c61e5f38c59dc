import Generators
import Postgres
import Testing

@testable import Marketplace

@Suite("Replicas, whatever is known of them")
struct ReplicaProperties {
    @Test("every choice asks each replica once, and its first is what the strategy says")
    func choice() async throws {
        let cases = zip(
            Generator<Int>.int(in: 1...8), Generator<UInt>.int(in: 0...UInt.max),
            Generator<UInt64>.int(in: 0...UInt64.max), Generator.array(of: .int(in: 0...5), count: 8...8))
        try await check(cases, count: 400) { count, turn, random, loads in
            let replicas = Array(0..<count)
            for selection in ReplicaSet.Selection.allCases {
                func ordered(_ turn: UInt) -> [Int] {
                    ReplicaSet.order(replicas, selection, turn: turn, random: { random }, outstanding: { loads[$0] })
                }
                let order = ordered(turn)
                try ensure(order.sorted() == replicas, "\(selection) asks \(order) of \(replicas)")
                if selection == .leastOutstanding {
                    let least = loads.prefix(count).min()
                    try ensure(loads[order[0]] == least, "\(order[0]) has more under way than another")
                }
                guard selection != .random, selection == .roundRobin || Set(loads.prefix(count)).count == 1 else {
                    continue
                }
                let first = (0..<UInt(count)).map { ordered(turn / 2 + $0)[0] }
                try ensure(Set(first) == Set(replicas), "in \(count) turns not everyone was first: \(first)")
            }
        }
    }

    @Test("random choice is even")
    func evenChoice() {
        var random = SeededRandom(seed: 7)
        var counts = [0, 0, 0]
        for _ in 0..<3000 {
            let order = ReplicaSet.order(
                [0, 1, 2], .random, turn: 0, random: { random.next() }, outstanding: { _ in 0 })
            counts[order[0]] += 1
        }
        #expect(counts.allSatisfy { (850...1150).contains($0) })
    }

    @Test("a plan names nobody twice, nobody too old before the primary, and only one who may not have what is asked")
    func plans() async throws {
        let replica = zip(
            Generator<Bool>.bool, Generator<Bool>.bool, Generator<Bool>.bool, Generator<UInt64>.int(in: 0...20))
        let cases = zip(
            Generator.array(of: replica, count: 0...5), Generator<Bool>.bool, Generator<UInt64>.int(in: 0...20),
            Generator<Bool>.bool)
        try await check(cases, count: 600) { drawn, hasPrimary, wanted, isSession in
            let replicas = drawn.enumerated().map { index, replica in
                ReadPlan.Replica(
                    node: index + 1, isInRotation: replica.0, isUsable: replica.1, isKeepingUp: replica.2,
                    position: replica.3 == 0
                        ? nil : ShardPosition(timeline: 1, wal: WALPosition(bytes: replica.3)))
            }
            let requirement = isSession ? ShardPosition(timeline: 1, wal: WALPosition(bytes: wanted)) : nil
            let plan = ReadPlan(
                primary: hasPrimary ? 0 : nil, replicas: replicas, requirement: requirement,
                history: TimelineHistory())
            let nodes = plan.candidates.map(\.node)
            try ensure(Set(nodes).count == nodes.count, "\(nodes) names a node twice")
            try ensure(nodes.contains(0) == hasPrimary, "the primary is not asked, or is asked though unknown")
            let before = hasPrimary ? nodes.prefix { $0 != 0 } : nodes[...]
            let sure = replicas.filter { replica in
                requirement.map { replica.position?.satisfies($0) ?? false } ?? true
            }.map(\.node)
            for node in nodes where node > 0 {
                let replica = replicas[node - 1]
                try ensure(replica.isInRotation || replica.isUsable, "\(node) is too old to be asked at all")
                if hasPrimary, before.contains(node) { try ensure(replica.isInRotation, "\(node) is out of rotation") }
            }
            if hasPrimary {
                let unsure = before.filter { !sure.contains($0) }
                try ensure(unsure.count <= 1, "\(unsure) are asked on the off chance before the primary")
                try ensure(unsure.allSatisfy { replicas[$0 - 1].isKeepingUp }, "\(unsure) lags and is asked first")
            }
            for candidate in plan.candidates where candidate.isHedgeTarget && candidate.node > 0 {
                try ensure(
                    sure.contains(candidate.node) && replicas[candidate.node - 1].isInRotation,
                    "a second request may go to \(candidate.node), which is out or may not have what is asked")
            }
        }
    }

    @Test("a replica leaves only over the bound and returns only well under it")
    func hysteresis() async throws {
        let ages = Generator.array(of: Generator<Int>.int(in: 0...30), count: 1...60)
        try await check(ages, count: 400) { ages in
            var gate = StaleGate()
            var wasIn = true
            for tenths in ages {
                let age = tenths == 30 ? nil : Duration.milliseconds(100 * tenths)
                let isIn = gate.admits(1, age: age, bound: .seconds(2))
                if isIn, !wasIn { try ensure(tenths <= 15, "it returned at \(tenths) tenths of a second") }
                if !isIn, wasIn { try ensure(tenths > 20, "it left at \(tenths) tenths of a second") }
                if tenths > 20 { try ensure(!isIn, "it is in at \(tenths) tenths of a second") }
                if tenths <= 15 { try ensure(isIn, "it is out at \(tenths) tenths of a second") }
                wasIn = isIn
            }
        }
    }

    @Test("roles: one primary at most, on the newest timeline, and no replica beside its history")
    func roles() async throws {
        let answer = zip(
            Generator<Int>.int(in: 0...3), Generator<Bool>.bool, Generator<UInt32>.int(in: 1...4),
            Generator<UInt64>.int(in: 1...60))
        // Each timeline ends where the next begins: at 20, 30, 40.
        let histories = (1...4).map { newest in
            let lines = (1..<newest).map { "\($0)\t0/\(String((10 + 10 * $0), radix: 16))\tx" }
            return TimelineHistory(of: UInt32(newest), file: lines.joined(separator: "\n"))
        }
        try await check(Generator.array(of: answer, count: 0...60), count: 400) { answers in
            var roles = ShardRoles()
            var newest: UInt32 = 0
            for (node, inRecovery, timeline, position) in answers {
                let wal = WALPosition(bytes: position)
                let status = ServerStatus(
                    inRecovery: inRecovery, timeline: timeline, walPosition: wal, receivedPosition: wal)
                let history = roles.needsHistory(status, of: node) ? histories[Int(timeline) - 1] : nil
                roles.learn(status, of: node, history: history)
                try ensure(roles.timeline >= newest, "the timeline went back to \(roles.timeline)")
                newest = roles.timeline
                if let primary = roles.primary {
                    try ensure(!roles.replicas.contains(primary), "\(primary) is both")
                    try ensure(roles.positions[primary]?.timeline == newest, "the primary writes on an old timeline")
                }
                for replica in roles.replicas {
                    let position = roles.positions[replica]
                    let isPart = position.map { histories[Int(newest) - 1].contains($0, on: newest) } ?? false
                    try ensure(isPart, "replica \(replica) is at \(String(describing: position)), which is lost")
                }
            }
        }
    }
}
