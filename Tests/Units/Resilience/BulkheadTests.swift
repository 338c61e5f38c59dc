import Resilience
import Testing

@Suite("A bulkhead")
struct BulkheadTests {
    let time = ManualTime()

    func bulkhead(slots: Int = 1, maximumWaiters: Int = 2) -> Bulkhead {
        Bulkhead(name: "shard-0", slots: slots, maximumWaiters: maximumWaiters, time: time.source)
    }

    var deadline: ContinuousClock.Instant { time.now + .seconds(1) }

    @Test("hands its slots to those who wait, in their order")
    func fifo() async throws {
        let bulkhead = bulkhead()
        try await bulkhead.acquire(deadline: deadline)
        let (order, continuation) = AsyncStream.makeStream(of: Int.self)
        var tasks: [Task<Void, any Error>] = []
        for number in 1...2 {
            tasks.append(
                Task {
                    try await bulkhead.acquire(deadline: deadline)
                    continuation.yield(number)
                })
            try await eventually("\(number) wait") { bulkhead.waiting == number && time.sleepers == number }
        }
        var iterator = order.makeAsyncIterator()
        bulkhead.release()
        #expect(await iterator.next() == 1)
        #expect(bulkhead.used == 1)
        bulkhead.release()
        #expect(await iterator.next() == 2)
        for task in tasks { try await task.value }
        bulkhead.release()
        #expect(bulkhead.used == 0)
    }

    @Test("refuses when its queue is full")
    func full() async throws {
        let bulkhead = bulkhead(maximumWaiters: 0)
        try await bulkhead.acquire(deadline: deadline)
        #expect(!bulkhead.tryAcquire())
        let thrown = await #expect(throws: BulkheadError.self) { try await bulkhead.acquire(deadline: deadline) }
        #expect(thrown?.reason == .queueFull)
        bulkhead.release()
        #expect(bulkhead.tryAcquire())
    }

    @Test("lets a waiter go at its deadline, without a slot")
    func deadlines() async throws {
        let bulkhead = bulkhead()
        try await bulkhead.acquire(deadline: deadline)
        let late = Task { try await bulkhead.run(deadline: deadline) {} }
        try await eventually("it waits") { time.sleepers == 1 }
        time.advance(by: .seconds(1))
        let thrown = await #expect(throws: BulkheadError.self) { try await late.value }
        #expect(thrown?.reason == .deadlineExceeded)
        #expect(bulkhead.waiting == 0)
        bulkhead.release()
        #expect(bulkhead.used == 0)
    }

    @Test("lets a cancelled waiter go, without a slot")
    func cancellation() async throws {
        let bulkhead = bulkhead()
        try await bulkhead.acquire(deadline: deadline)
        let waiter = Task { try await bulkhead.acquire(deadline: deadline) }
        try await eventually("it waits") { bulkhead.waiting == 1 }
        waiter.cancel()
        let thrown = await #expect(throws: BulkheadError.self) { try await waiter.value }
        #expect(thrown?.reason == .cancelled)
        #expect(bulkhead.waiting == 0)
        bulkhead.release()
        #expect(bulkhead.used == 0)
    }

    @Test("gives its slot back when the work throws")
    func throwing() async throws {
        struct Failed: Error {}
        let bulkhead = bulkhead()
        await #expect(throws: Failed.self) { try await bulkhead.run(deadline: deadline) { throw Failed() } }
        #expect(bulkhead.used == 0)
    }

    @Test("leaks no slot when 2,000 callers come, wait, are late and are cancelled at once")
    func storm() async throws {
        let bulkhead = Bulkhead(name: "shard-0", slots: 4, maximumWaiters: 64)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let task = Task {
                        try await bulkhead.run(deadline: ContinuousClock.now + .milliseconds(number % 7)) {
                            #expect(bulkhead.used <= 4)
                            await Task.yield()
                        }
                    }
                    if number.isMultiple(of: 3) { task.cancel() }
                    _ = await task.result
                }
            }
        }
        #expect(bulkhead.used == 0)
        #expect(bulkhead.waiting == 0)
    }
}
