import Testing

@testable import Chaos

@Suite("Sessions of the workload") struct SessionPlanTests {
    private let catalogue = Catalogue(
        stores: [.init(id: "a", group: "shard-0"), .init(id: "b", group: "shard-1")],
        products: (0..<10).map { .init(id: "p-\($0)", store: $0 / 5) }, skus: [])

    private func sheet(_ version: Int64) -> SessionPlan.Sheet { .init(version: version, name: "n", category: "c") }

    @Test("each owns a product, all groups have some, and the next one's is the other")
    func products() {
        let sessions = SessionPlan.all(4, in: catalogue)
        #expect(sessions.map(\.own.id) == ["p-0", "p-2", "p-5", "p-7"])
        #expect(sessions.map(\.other.id) == ["p-2", "p-5", "p-7", "p-0"])
        #expect(Set(sessions.map(\.own.store.group)) == ["shard-0", "shard-1"])
        #expect(SessionPlan.all(50, in: catalogue).count == 10)
    }

    @Test("it learns its product's version, writes, and reads what it wrote; the stranger's look leaves no token")
    func course() {
        var session = SessionPlan.all(2, in: catalogue)[0]
        #expect(session.next() == .readOwn)
        session.ended(.readOwn, .init(outcome: .ok, token: "t1", sheet: sheet(4)))
        #expect(session.next() == .write(sheet(4)))
        session.ended(.write(sheet(4)), .init(outcome: .ok, token: "t2", sheet: sheet(5)))
        #expect(session.acknowledged == 5)
        #expect(session.next() == .readOwn)
        #expect(session.next() == .watch)
        session.ended(.watch, .init(outcome: .ok, token: "foreign", sheet: sheet(9)))
        #expect(session.token == "t2")
        #expect([session.next(), session.next()] == [.readOwn, .search])
        session.ended(.search, .init(outcome: .ok, token: "foreign", sheet: nil))
        #expect(session.token == "t2")
        #expect(session.other.searchPath == "/v1/stores/b/products?q=session1x")
        #expect([session.next(), session.next()] == [.readOther, .write(sheet(5))])
    }

    @Test("sessions change their products one after the other, not in waves")
    func staggered() {
        var sessions = SessionPlan.all(10, in: catalogue)
        let steps = sessions.indices.map { index in
            sessions[index].ended(.readOwn, .init(outcome: .ok, token: "t1", sheet: sheet(4)))
            return sessions[index].next()
        }
        #expect(steps.count { $0 == .write(sheet(4)) } == 2)
    }

    @Test("after a write of unknown outcome it reads before it writes again")
    func unknown() {
        var session = SessionPlan.all(2, in: catalogue)[0]
        session.ended(.readOwn, .init(outcome: .ok, token: "t1", sheet: sheet(4)))
        session.ended(.write(sheet(4)), .init(outcome: .info, code: "client-timeout"))
        #expect(session.acknowledged == nil)
        #expect(session.token == "t1")
        #expect(session.next() == .readOwn)
    }

    @Test("when its history was lost it begins anew, as another session")
    func lost() {
        var session = SessionPlan.all(2, in: catalogue)[0]
        session.ended(.readOwn, .init(outcome: .ok, token: "t1", sheet: sheet(4)))
        session.ended(.readOwn, .init(outcome: .fail, code: SessionPlan.historyLost))
        #expect(session.name == "s0.1" && session.token == nil && session.next() == .readOwn)
    }

    @Test("sessions take turns, and a busy one is left alone")
    func desk() throws {
        let desk = SessionDesk(SessionPlan.all(2, in: catalogue))
        let first = try #require(desk.take())
        let second = try #require(desk.take())
        #expect(first.index == 0 && second.index == 1)
        #expect(desk.take() == nil)
        desk.giveBack(0, first.step, .init(outcome: .ok, token: nil, sheet: sheet(1)))
        #expect(desk.take()?.step == .write(sheet(1)))
    }
}
