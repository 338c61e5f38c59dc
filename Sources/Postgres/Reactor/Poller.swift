/// What a socket is watched for.
struct Interest: OptionSet, Sendable {
    let rawValue: UInt8
    static let read = Interest(rawValue: 1)
    static let write = Interest(rawValue: 2)
}

/// Waits for sockets. All but ``wake()`` belongs to the loop's thread.
///
/// A socket that was closed without ``remove(_:)`` may be reported once more or never; its number may already belong to
/// another socket. So ``set(_:_:)`` works whether the number is known or not, and handlers must bear a false alarm.
protocol Poller: AnyObject {
    /// Watches a socket, or changes what it is watched for.
    func set(_ socket: Int32, _ interest: Interest)
    func remove(_ socket: Int32)
    /// Waits until a socket is ready, ``wake()`` is called or the time is over, and reports what is ready. Errors and
    /// hang-ups are reported as both kinds, since the next call on the socket says what happened.
    /// - Parameter timeoutMilliseconds: -1 waits without end.
    func wait(timeoutMilliseconds: Int32, _ report: (Int32, Interest) -> Void)
    /// Ends a wait; callable from any thread.
    func wake()
}

/// The system call that a ``Reactor`` waits in.
public enum PollerKind: String, Sendable, CaseIterable {
    #if os(Linux)
        /// Linux's epoll(7): the cost does not grow with idle connections.
        case epoll
    #endif
    /// poll(2), which every Unix has.
    case poll

    /// The better one here.
    public static var platformDefault: PollerKind {
        #if os(Linux)
            .epoll
        #else
            .poll
        #endif
    }

    func make() -> any Poller {
        switch self {
        #if os(Linux)
            case .epoll: EpollPoller()
        #endif
        case .poll: PollPoller()
        }
    }
}
