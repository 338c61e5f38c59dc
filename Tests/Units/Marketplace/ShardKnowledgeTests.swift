import Postgres
import Testing

@testable import Marketplace

@Suite("shards' roles and ages")
struct ShardKnowledgeTests {
    private func status(_ inRecovery: Bool, _ timeline: UInt32, _ position: UInt64 = 1) -> ServerStatus {
        let position = WALPosition(bytes: position)
        return ServerStatus(
            inRecovery: inRecovery, timeline: timeline, walPosition: position, receivedPosition: position)
    }

    private func position(_ timeline: UInt32, _ wal: UInt64) -> ShardPosition {
        ShardPosition(timeline: timeline, wal: WALPosition(bytes: wal))
    }

    @Test("the primary is the one out of recovery on the greatest timeline")
    func roles() {
        var roles = ShardRoles()
        roles.learn(status(true, 1), of: 1)
        #expect(roles.primary == nil && roles.replicas == [1])
        roles.learn(status(false, 1), of: 0)
        roles.learn(status(true, 1), of: 2)
        #expect(roles.primary == 0 && roles.replicas == [1, 2])
        // Promoted: the next timeline. The old one comes back and is refused.
        let history = TimelineHistory(of: 2, file: "1\t0/64\tno recovery target specified\n")
        #expect(roles.needsHistory(status(false, 2), of: 1))
        roles.learn(status(false, 2), of: 1, history: history)
        #expect(roles.primary == 1 && roles.replicas == [2])
        roles.learn(status(false, 1), of: 0)
        #expect(roles.primary == 1 && roles.replicas == [2])
        roles.learn(status(true, 2), of: 0)
        #expect(roles.replicas == [0, 2])
        roles.disown(1)
        #expect(roles.primary == nil)
    }

    @Test("a sibling that went past the fork is refused, one before it follows, and the new timeline is accepted")
    func siblings() {
        var roles = ShardRoles()
        roles.learn(status(false, 1, 200), of: 0)
        for node in [1, 2, 3] { roles.learn(status(true, 1, node == 2 ? 120 : 90), of: node) }
        let history = TimelineHistory(of: 2, file: "1\t0/64\tno recovery target specified\n")
        roles.learn(status(false, 2, 110), of: 1, history: history)
        #expect(roles.primary == 1 && roles.replicas == [3])
        roles.learn(status(true, 1, 120), of: 2)
        #expect(roles.replicas == [3])
        roles.learn(status(true, 2, 110), of: 2)
        #expect(roles.replicas == [2, 3])
        #expect(history.hasLost(position(1, 101)) && !history.hasLost(position(1, 100)))
    }

    @Test("a timeline that does not descend from the newest known is refused, and so is a second one of its number")
    func strangers() {
        var roles = ShardRoles()
        let own = TimelineHistory(of: 3, file: "1\t0/64\tx\n2\t0/C8\tx\n")
        roles.learn(status(false, 3, 300), of: 0, history: own)
        let stranger = TimelineHistory(of: 4, file: "1\t0/64\tx\n2\t0/90\tx\n")
        #expect(roles.needsHistory(status(false, 4), of: 1))
        roles.learn(status(false, 4), of: 1, history: stranger)
        #expect(roles.primary == 0 && roles.timeline == 3)
        let twin = TimelineHistory(of: 3, file: "1\t0/64\tx\n2\t0/C0\tx\n")
        roles.disown(0)
        #expect(roles.needsHistory(status(false, 3), of: 1))
        roles.learn(status(false, 3), of: 1, history: twin)
        #expect(roles.primary == nil)
        roles.learn(status(false, 3), of: 1, history: own)
        #expect(roles.primary == 1)
    }

    @Test("a replica that tells a newer timeline takes the primary of the old one out of use at once")
    func replicaKnowsBetter() {
        var roles = ShardRoles()
        roles.learn(status(false, 1, 100), of: 0)
        let history = TimelineHistory(of: 2, file: "1\t0/64\tx\n")
        roles.learn(status(true, 2, 110), of: 2, history: history)
        #expect(roles.primary == nil && roles.replicas == [2] && roles.timeline == 2)
        roles.learn(status(false, 1, 120), of: 0)
        #expect(roles.primary == nil)
    }

    @Test("a replica's timeline does not go back while it answers, since its control file lags")
    func laggingControlFile() {
        var roles = ShardRoles()
        let history = TimelineHistory(of: 2, file: "1\t0/64\tx\n")
        roles.learn(status(false, 2, 150), of: 0, history: history)
        roles.learn(status(true, 2, 140), of: 1)
        roles.learn(status(true, 1, 150), of: 1)
        #expect(roles.positions[1] == position(2, 150) && roles.replicas == [1])
        roles.forgetPosition(of: 1)
        roles.learn(status(true, 1, 150), of: 1)
        #expect(roles.replicas == [])
    }

    @Test("a replica is as old as the newest position of the primary that it has replayed")
    func ages() {
        let start = ContinuousClock.now
        var ages = ReplicationAges()
        #expect(ages.age(of: 1, at: start) == nil)
        ages.sampleReplica(1, WALPosition(bytes: 10))
        ages.samplePrimary(position(1, 10), at: start)
        ages.samplePrimary(position(1, 20), at: start + .seconds(1))
        #expect(ages.age(of: 1, at: start + .seconds(1)) == .seconds(1))
        #expect(ages.lag(of: 1) == .seconds(1) && ages.isKnown(1))
        ages.sampleReplica(1, WALPosition(bytes: 20))
        #expect(ages.age(of: 1, at: start + .seconds(1)) == .zero)
        // An idle primary is seen again at the same place.
        ages.samplePrimary(position(1, 20), at: start + .seconds(5))
        #expect(ages.age(of: 1, at: start + .seconds(6)) == .seconds(1))
        #expect(ages.sincePrimary(at: start + .seconds(6)) == .seconds(1) && ages.lag(of: 1) == .zero)
        // Another timeline counts anew, and whoever has replayed none of it may be any age.
        ages.samplePrimary(position(2, 30), at: start + .seconds(7))
        #expect(!ages.isKnown(1) && ages.age(of: 1, at: start + .seconds(9)) == .seconds(2))
    }

    @Test("a replica older than the bound leaves while the primary answers; without it those at its last sample stay")
    func rotation() {
        let start = ContinuousClock.now
        var knowledge = ShardKnowledge()
        knowledge.ages.samplePrimary(position(1, 10), at: start)
        for node in [1, 2] { knowledge.ages.sampleReplica(node, WALPosition(bytes: 10)) }
        for second in 1...3 {
            knowledge.ages.samplePrimary(position(1, 10 + UInt64(second)), at: start + .seconds(second))
        }
        knowledge.ages.sampleReplica(2, WALPosition(bytes: 13))
        func isIn(_ node: Int, _ answers: Bool, _ second: Int) -> Bool {
            knowledge.view(of: node, .seconds(2), primaryAnswers: answers, start + .seconds(second)).isInRotation
        }
        #expect(!isIn(1, true, 3) && isIn(2, true, 3))
        // Nobody can be younger than the last sign of a silent primary.
        #expect(!isIn(1, false, 60) && isIn(2, false, 60))
        #expect(!isIn(2, true, 60))
        knowledge.ages.sampleReplica(1, WALPosition(bytes: 13))
        #expect(isIn(1, false, 60))
    }

    @Test("commits without a replica to confirm them are held at once, or after one has shown it")
    func commits() {
        let start = ContinuousClock.now
        var commits = CommitConfirmation()
        commits.wasNotConfirmed(at: start)
        #expect(!commits.isDurable && !commits.isHeld(isAnyReplicaThere: false, at: start))
        commits.learn(.confirmed)
        #expect(commits.isDurable && commits.isHeld(isAnyReplicaThere: false, at: start + .seconds(1)))
        #expect(!commits.isHeld(isAnyReplicaThere: true, at: start + .seconds(1)))
        #expect(!commits.isHeld(isAnyReplicaThere: false, at: start + .seconds(4)))
        commits.learn(.unconfirmed)
        #expect(commits.isHeld(isAnyReplicaThere: true, at: start + .seconds(4)))
    }
}
