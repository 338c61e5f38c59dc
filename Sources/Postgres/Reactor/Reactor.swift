import Synchronization

/// One event-loop thread on which Postgres connections live. It is an actor executor, so that connections are actors
/// pinned to it, and has a task executor, so that whole tasks can prefer it.
///
/// A turn of the loop ("tick"): report each socket that is ready, run the jobs that have come by then, let connections
/// send what has gathered; do what is due, wait. It is woken at most once for all jobs that come while it waits.
///
/// `@unchecked Sendable`: ``inbox`` is under a lock; the fields marked as the loop's are touched by its thread alone.
public final class Reactor: @unchecked Sendable {
    enum Work {
        case job(UnownedJob)
        case task(UnownedJob, UnownedTaskExecutor)
        case drain(any ReactorInlet)
        case run(@Sendable () -> Void)
    }

    struct Inbox {
        var work: [Work] = []
        var isAsleep = false
        var isStopping = false
        /// The thread has ended; whoever brings work does it, one at a time.
        var isGone = false
        var isDraining = false
    }

    /// Turns of jobs in one tick before sockets get their turn.
    private static let batchesPerTick = 16

    let environment: PostgresEnvironment
    let inbox = Mutex(Inbox())
    let poller: any Poller
    let returns = ResultReturns()
    /// The thread that may touch the loop's fields now.
    let owner = Atomic<UInt>(0)

    // The loop's own.
    private var handlers: [Int32: any ReactorHandler] = [:]
    private var deadlines = DeadlineQueue<() -> Void>()
    private var tickEnd: [any ReactorFlusher] = []
    private var batch: [Work] = []
    /// The moment at which this tick began; reading the clock for each call would cost more than the call.
    private(set) var now: ContinuousClock.Instant

    /// Starts the thread.
    /// - Parameters:
    ///   - name: the thread's name, fifteen characters at most on Linux.
    ///   - poller: the system call it waits in.
    ///   - environment: time and chance.
    public init(
        name: String = "postgres", poller: PollerKind = .platformDefault, environment: PostgresEnvironment = .live
    ) {
        self.poller = poller.make()
        self.environment = environment
        now = environment.now()
        let started = SystemThread.start(name: name) { self.run() }
        precondition(started, "the system has no thread left for an event loop")
    }

    /// Ends the thread once the work that is queued is done, and returns at once. Shut the nodes down before: the
    /// connections that are still open are then closed, and their calls fail as `closed`.
    public func shutdown() {
        inbox.withLock { inbox in
            inbox.isStopping = true
            if inbox.isAsleep {
                inbox.isAsleep = false
                poller.wake()
            }
        }
    }

    /// Has ``ReactorInlet/drain()`` called on the loop soon.
    func schedule(_ inlet: any ReactorInlet) { enqueue(.drain(inlet)) }

    /// Runs `body` on the loop soon.
    func execute(_ body: @escaping @Sendable () -> Void) { enqueue(.run(body)) }

    func enqueue(_ work: Work) {
        let mustRunHere = inbox.withLock { inbox -> Bool in
            inbox.work.append(work)
            if inbox.isGone {
                if inbox.isDraining { return false }
                inbox.isDraining = true
                return true
            }
            // Asleep is what the loop's own thread never is, so that it never wakes itself.
            if inbox.isAsleep {
                inbox.isAsleep = false
                poller.wake()
            }
            return false
        }
        if mustRunHere { drainAfterTheEnd() }
    }

    var isOnLoop: Bool { owner.load(ordering: .relaxed) == SystemThread.current }
}

/// Something that collects work from other threads and is asked to take it in on the loop.
protocol ReactorInlet: AnyObject, Sendable {
    func drain()
}

/// Something that gathers what it has to send until the end of the tick.
protocol ReactorFlusher: AnyObject, Sendable {
    func flushAtTickEnd()
}

/// The owner of a watched socket. The loop holds it as long as it watches.
protocol ReactorHandler: AnyObject, Sendable {
    func socketReady(_ interest: Interest)
    /// The loop ends: nothing will be reported any more.
    func reactorStopped()
}

// MARK: The loop's thread only

extension Reactor {
    func watch(_ socket: Int32, _ interest: Interest, _ handler: any ReactorHandler) {
        handlers[socket] = handler
        poller.set(socket, interest)
    }

    /// Nothing happens when the number belongs to another handler by now: sockets' numbers are used again.
    func unwatch(_ socket: Int32, _ handler: any ReactorHandler) {
        guard handlers[socket] === handler else { return }
        handlers[socket] = nil
        poller.remove(socket)
    }

    func atTickEnd(_ flusher: any ReactorFlusher) { tickEnd.append(flusher) }

    /// Calls `action` on the loop at a moment, or soon after.
    func schedule(at moment: ContinuousClock.Instant, _ action: @escaping () -> Void) -> DeadlineQueue<() -> Void>.ID {
        deadlines.insert(action, at: moment)
    }

    func cancelSchedule(_ id: DeadlineQueue<() -> Void>.ID) { deadlines.remove(id) }

    private func run() {
        owner.store(SystemThread.current, ordering: .relaxed)
        while true {
            runJobs()
            flush()
            returns.drain()
            now = environment.now()
            while let action = deadlines.popDue(at: now) { action() }
            guard let timeout = timeoutBeforeSleep() else { break }
            var isAwake = false
            poller.wait(timeoutMilliseconds: timeout) { socket, interest in
                if !isAwake { wakeUp() }
                isAwake = true
                handlers[socket]?.socketReady(interest)
                // What this socket's answers led to goes out before the next socket has its turn: else all servers
                // would wait while this thread works, and this thread while they do.
                runJobs()
                flush()
            }
            if !isAwake { wakeUp() }
        }
        stop()
    }

    private func wakeUp() {
        inbox.withLock { $0.isAsleep = false }
        now = environment.now()
    }

    private func runJobs() {
        for _ in 0..<Self.batchesPerTick {
            inbox.withLock { swap(&$0.work, &batch) }
            if batch.isEmpty { return }
            for work in batch { run(work) }
            batch.removeAll(keepingCapacity: true)
        }
    }

    private func run(_ work: Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
        case .task(let job, let executor): job.runSynchronously(on: executor)
        case .drain(let inlet): inlet.drain()
        case .run(let body): body()
        }
    }

    private func flush() {
        var index = 0
        while index < tickEnd.count {
            tickEnd[index].flushAtTickEnd()
            index += 1
        }
        tickEnd.removeAll(keepingCapacity: true)
    }

    /// How long to wait in milliseconds, -1 for no limit; nil when the loop shall end.
    private func timeoutBeforeSleep() -> Int32? {
        let hasMore = !tickEnd.isEmpty
        let next = deadlines.next
        return inbox.withLock { inbox -> Int32? in
            if hasMore || !inbox.work.isEmpty { return 0 }
            if inbox.isStopping { return nil }
            inbox.isAsleep = true
            guard let next else { return -1 }
            // Rounded up, or the loop would spin through the last fraction of a millisecond.
            let (seconds, attoseconds) = (next - now).components
            if seconds >= 60 { return 60_000 }
            return max(0, Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
        }
    }

    private func stop() {
        for handler in handlers.values { handler.reactorStopped() }
        handlers = [:]
        deadlines.removeAll()
        inbox.withLock { inbox in
            inbox.isGone = true
            inbox.isDraining = true
        }
        drainAfterTheEnd()
    }

    /// Does what comes after the thread has ended, so that no task waits for ever. One thread at a time.
    private func drainAfterTheEnd() {
        owner.store(SystemThread.current, ordering: .relaxed)
        while true {
            let late = inbox.withLock { inbox -> [Work] in
                if inbox.work.isEmpty {
                    inbox.isDraining = false
                    owner.store(0, ordering: .relaxed)
                }
                defer { inbox.work = [] }
                return inbox.work
            }
            if late.isEmpty { return }
            for work in late { run(work) }
            flush()
        }
    }
}
