extension Reactor: SerialExecutor, TaskExecutor {
    public func enqueue(_ job: consuming ExecutorJob) { enqueue(.job(UnownedJob(job))) }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Lets `assumeIsolated` work in callbacks of the loop, which run outside any task.
    public func checkIsolated() { precondition(isOnLoop, "called from outside the event loop's thread") }

    public func isIsolatingCurrentContext() -> Bool? { isOnLoop }
}
