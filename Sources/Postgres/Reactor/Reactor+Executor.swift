extension Reactor: SerialExecutor {
    /// Runs a job on the loop's thread.
    public func enqueue(_ job: consuming ExecutorJob) { enqueue(.job(UnownedJob(job))) }

    /// For the actors that are pinned to it.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Lets `assumeIsolated` work in callbacks of the loop, which run outside any task.
    public func checkIsolated() { precondition(isOnLoop, "called from outside the event loop's thread") }

    /// Whether the caller is on the loop's thread.
    public func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    /// For tasks that are to run on the loop's thread as a whole, next to the connections that they use: then neither
    /// a call nor its answer changes the thread. Such a task must not compute for long: nothing else moves meanwhile.
    public var taskExecutor: any TaskExecutor { ReactorTaskExecutor(reactor: self) }
}

/// A reactor for tasks. It is not the ``Reactor`` itself: what runs for a serial executor is taken to be isolated by
/// it, so that every call of a function that is not would be put into the line of jobs again.
final class ReactorTaskExecutor: TaskExecutor {
    private let reactor: Reactor

    init(reactor: Reactor) { self.reactor = reactor }

    func enqueue(_ job: consuming ExecutorJob) { reactor.enqueue(.task(UnownedJob(job), asUnownedTaskExecutor())) }
}
