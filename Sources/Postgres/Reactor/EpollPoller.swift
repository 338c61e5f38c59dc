#if os(Linux)
    import CSystemShims
    import Glibc

    /// ``Poller`` on Linux's epoll(7) and eventfd(2), level-triggered. Its twin for other systems is ``PollPoller``.
    final class EpollPoller: Poller {
        private static let eventsPerWait = 256
        private let epoll: Int32
        private let waker: Int32
        private var events = [epoll_event](repeating: epoll_event(), count: eventsPerWait)

        init() {
            epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
            waker = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
            precondition(epoll >= 0 && waker >= 0, "no file descriptor left for an event loop (errno \(errno))")
            set(waker, .read)
        }

        deinit {
            close(waker)
            close(epoll)
        }

        func set(_ socket: Int32, _ interest: Interest) {
            var mask: UInt32 = 0
            if interest.contains(.read) { mask |= EPOLLIN.rawValue }
            if interest.contains(.write) { mask |= EPOLLOUT.rawValue }
            if seaworthy_epoll_ctl(epoll, EPOLL_CTL_MOD, socket, mask) != 0, errno == ENOENT {
                _ = seaworthy_epoll_ctl(epoll, EPOLL_CTL_ADD, socket, mask)
            }
        }

        func remove(_ socket: Int32) { _ = seaworthy_epoll_ctl(epoll, EPOLL_CTL_DEL, socket, 0) }

        func wait(timeoutMilliseconds: Int32, _ report: (Int32, Interest) -> Void) {
            let count = epoll_wait(epoll, &events, Int32(Self.eventsPerWait), timeoutMilliseconds)
            // Below zero it was interrupted by a signal: the loop comes round again.
            for index in 0..<max(0, Int(count)) {
                let socket = seaworthy_epoll_event_fd(&events[index])
                if socket == waker {
                    var value: UInt64 = 0
                    _ = read(waker, &value, 8)
                    continue
                }
                let mask = seaworthy_epoll_event_mask(&events[index])
                var ready: Interest = []
                if mask & EPOLLIN.rawValue != 0 { ready.insert(.read) }
                if mask & EPOLLOUT.rawValue != 0 { ready.insert(.write) }
                if mask & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { ready = [.read, .write] }
                report(socket, ready)
            }
        }

        func wake() {
            var one: UInt64 = 1
            _ = write(waker, &one, 8)
        }
    }
#endif
