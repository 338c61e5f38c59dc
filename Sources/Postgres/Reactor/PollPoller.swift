#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// ``Poller`` on poll(2) and a pipe, for systems without epoll. The twin of ``EpollPoller``.
final class PollPoller: Poller {
    private let readEnd: Int32
    private let writeEnd: Int32
    private var interests: [Int32: Interest] = [:]

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no file descriptor left for an event loop (errno \(errno))")
        readEnd = ends[0]
        writeEnd = ends[1]
        for end in ends {
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func set(_ socket: Int32, _ interest: Interest) { interests[socket] = interest }

    func remove(_ socket: Int32) { interests[socket] = nil }

    func wait(timeoutMilliseconds: Int32, _ report: (Int32, Interest) -> Void) {
        var sockets = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        for (socket, interest) in interests {
            var events: Int32 = 0
            if interest.contains(.read) { events |= Int32(POLLIN) }
            if interest.contains(.write) { events |= Int32(POLLOUT) }
            sockets.append(pollfd(fd: socket, events: Int16(events), revents: 0))
        }
        let count = poll(&sockets, nfds_t(sockets.count), timeoutMilliseconds)
        if count <= 0 { return }
        if sockets[0].revents != 0 { drainPipe() }
        for socket in sockets.dropFirst() where socket.revents != 0 {
            let events = Int32(socket.revents)
            var ready: Interest = []
            if events & Int32(POLLIN) != 0 { ready.insert(.read) }
            if events & Int32(POLLOUT) != 0 { ready.insert(.write) }
            if events & Int32(POLLERR | POLLHUP | POLLNVAL) != 0 { ready = [.read, .write] }
            report(socket.fd, ready)
        }
    }

    func wake() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    private func drainPipe() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) == bytes.count {}
    }
}
