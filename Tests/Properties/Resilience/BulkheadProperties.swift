import Generators
import Resilience
import Testing

@Suite("A bulkhead, whatever happens in whatever order")
struct BulkheadProperties {
    enum Event: Sendable {
        case request
        case release
        case leave(Int)
    }

    @Test("is never over its limit, leaks no slot, starves nobody and serves in order")
    func neverOverNorLeaking() async throws {
        let event = Generator<Event>.frequency([
            (5, .always(.request)), (3, .always(.release)), (2, Generator<Int>.int(in: 0...9).map { .leave($0) }),
        ])
        let cases = zip(
            Generator<Int>.int(in: 1...4), Generator<Int>.int(in: 0...4), Generator.array(of: event, count: 0...80))
        try await check(cases, count: 400) { slots, maximumWaiters, events in
            var bulkhead = BulkheadState(slots: slots, maximumWaiters: maximumWaiters)
            var held = 0
            var queue: [UInt64] = []
            for event in events {
                switch event {
                case .request:
                    switch bulkhead.request() {
                    case .granted:
                        held += 1
                        try ensure(queue.isEmpty, "somebody overtook those who wait")
                    case .queued(let waiter):
                        try ensure(!queue.contains(waiter), "two wait under one number")
                        queue.append(waiter)
                    case .refused: try ensure(queue.count == maximumWaiters, "refused with room in the queue")
                    }
                case .release where held > 0:
                    let next = bulkhead.release()
                    try ensure(next == queue.first, "the slot went to \(String(describing: next)), not to the first")
                    if queue.isEmpty { held -= 1 } else { queue.removeFirst() }
                case .leave(let index) where !queue.isEmpty:
                    let waiter = queue.remove(at: index % queue.count)
                    try ensure(bulkhead.leave(waiter), "one who waited could not leave")
                    try ensure(!bulkhead.leave(waiter), "one left twice")
                case .release, .leave: break
                }
                try ensure(held <= slots, "\(held) hold one of \(slots) slots")
                try ensure(bulkhead.used == held, "\(held) hold a slot, but \(bulkhead.used) are taken: one leaked")
                try ensure(queue.isEmpty || held == slots, "somebody waits beside a free slot")
                try ensure(bulkhead.waiting == queue.count, "\(queue.count) wait, it says \(bulkhead.waiting)")
            }
        }
    }
}
