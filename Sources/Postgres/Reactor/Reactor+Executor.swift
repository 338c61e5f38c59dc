extension Reactor: SerialExecutor, TaskExecutor {
    /// Runs a job on the loop's thread.
    public func enqueue(_ job: consuming ExecutorJob) { enqueue(.job(UnownedJob(job))) }

    /// For the actors that are pinned to it.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Lets `assumeIsolated` work in callbacks of the loop, which run outside any task.
    public func checkIsolated() { precondition(isOnLoop, "called from outside the event loop's thread") }

    /// Whether the caller is on the loop's thread.
    public func isIsolatingCurrentContext() -> Bool? { isOnLoop }
}
