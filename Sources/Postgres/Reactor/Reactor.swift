/// One event-loop thread on which Postgres connections live. It is an actor executor and a task executor.
public final class Reactor: Sendable {
    /// - Parameter name: the thread's name, fifteen characters at most on Linux.
    public init(name: String = "postgres") {}
    /// Ends the thread.
    public func shutdown() { fatalError("not yet") }
}
