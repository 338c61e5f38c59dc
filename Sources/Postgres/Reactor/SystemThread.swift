import CSystemShims

/// Threads of our own: one for each event loop, and short-lived ones for calls that can only block.
enum SystemThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// A number that no other living thread has.
    static var current: UInt { UInt(seaworthy_current_thread()) }

    /// Starts a detached thread.
    /// - Returns: false when the system has no thread to give.
    static func start(name: String, _ run: @escaping @Sendable () -> Void) -> Bool {
        let body = Body {
            seaworthy_set_thread_name(String(name.prefix(15)))
            run()
        }
        let context = Unmanaged.passRetained(body)
        let failure = seaworthy_start_thread({ SystemThread.enter($0) }, context.toOpaque())
        if failure != 0 { context.release() }
        return failure == 0
    }

    private static func enter(_ context: UnsafeMutableRawPointer?) {
        guard let context else { return }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
    }
}
