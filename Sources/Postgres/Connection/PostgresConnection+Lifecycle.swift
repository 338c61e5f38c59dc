import CLibPQ

/// Connecting, timers and the end of a connection.
extension PostgresConnection: ReactorHandler {
    /// Begins to connect. The owner hears of the end, whichever it is.
    func connect() {
        guard phase == .new else { return }
        phase = .connecting
        let limit = settings.connectTimeout
        setTimer(at: reactor.now + limit)
        if let address = HostAddress.literal(endpoint.host) {
            connect(to: address)
            return
        }
        let host = endpoint.host
        let started = HelperThreads.run(name: "postgres-resolve") {
            let address = HostAddress.resolve(host)
            self.reactor.execute { self.assumeIsolated { $0.resolved(address) } }
        }
        if !started { close(.unavailable("too many look-ups of host names are under way")) }
    }

    private func resolved(_ address: HostAddress?) {
        guard phase == .connecting else { return }
        if let address {
            connect(to: address)
        } else {
            close(.unavailable("the host name \"\(endpoint.host)\" has no address; check the endpoint"))
        }
    }

    private func connect(to address: HostAddress) {
        guard let libpq = LibPQ(parameters: endpoint.parameters(role, address, settings)) else {
            close(.unavailable("no memory for a connection"))
            return
        }
        self.libpq = libpq
        if libpq.isBroken {
            close(.unavailable(libpq.errorMessage))
            return
        }
        // libpq's documentation: behave as if PQconnectPoll had just asked to write.
        watch(.write)
    }

    private func continueConnecting() {
        guard let libpq else { return }
        switch PQconnectPoll(libpq.connection) {
        case PGRES_POLLING_READING: watch(.read)
        case PGRES_POLLING_WRITING: watch(.write)
        case PGRES_POLLING_OK:
            guard libpq.enterPipeline() else {
                close(.unavailable(libpq.errorMessage))
                return
            }
            phase = .open
            lastReceivedAt = reactor.now
            clearTimer()
            watch(.read)
            owner?.connectionOpened(self)
        default: close(.unavailable(libpq.errorMessage))
        }
    }

    /// Watches libpq's socket, which may be another one after each step of connecting.
    func watch(_ wanted: Interest) {
        guard let socket = libpq?.socket, socket >= 0 else { return }
        if phase == .open, watchedSocket == socket, interest == wanted { return }
        if let old = watchedSocket, old != socket { reactor.unwatch(old, self) }
        watchedSocket = socket
        interest = wanted
        reactor.watch(socket, wanted, self)
    }

    nonisolated func socketReady(_ ready: Interest) {
        assumeIsolated { this in
            switch this.phase {
            case .connecting: this.continueConnecting()
            case .open: this.openSocketReady(ready)
            case .new, .closed: break
            }
        }
    }

    nonisolated func reactorStopped() { assumeIsolated { $0.close(.closed) } }

    /// Ends the connection: every caller gets its answer, the owner hears of it once.
    func close(_ reason: PostgresError.Reason) {
        if phase == .closed { return }
        let wasOpen = phase == .open
        phase = .closed
        closeReason = reason
        clearTimer()
        if let watchedSocket { reactor.unwatch(watchedSocket, self) }
        watchedSocket = nil
        act { pipeline, actions in pipeline.close(into: &actions) }
        endExchange(.failure(error(.failed, reason)))
        libpq = nil
        let owner = owner
        self.owner = nil
        owner?.connectionClosed(self, wasOpen: wasOpen, reason)
    }

    /// Asks the server to stop what this connection runs. Only a helper can: libpq 15's cancel blocks. It may come too
    /// late and hit whatever runs next, so the connection must be closed right after.
    func cancelOnServer() {
        guard let libpq, let cancel = PQgetCancel(libpq.connection) else { return }
        // Safe to send: a PGcancel is a copy of what is needed, made for use in another thread.
        nonisolated(unsafe) let handle = cancel
        let started = HelperThreads.run(name: "postgres-cancel") {
            var message = [CChar](repeating: 0, count: 256)
            PQcancel(handle, &message, Int32(message.count))
            PQfreeCancel(handle)
        }
        if !started { PQfreeCancel(handle) }
    }
}

// MARK: Timer

extension PostgresConnection {
    /// Sets the timer for the earliest of what may become due. One that is set for earlier is left to go off: then it
    /// looks again, which is cheaper than to set it anew for each call.
    func arm() {
        guard phase == .open else { return }
        var due = pipeline.nextDeadline
        if let abandoned = pipeline.oldestAbandonedSentAt {
            let limit = abandoned + settings.abandonedReplyLimit
            due = min(due ?? limit, limit)
        }
        if let deadline = exchange?.deadline { due = min(due ?? deadline, deadline) }
        guard let due else { return }
        if let timer, timer.moment <= due { return }
        setTimer(at: due)
    }

    private func setTimer(at moment: ContinuousClock.Instant) {
        clearTimer()
        timer = (reactor.schedule(at: moment) { [weak self] in self?.assumeIsolated { $0.timerDue() } }, moment)
    }

    private func clearTimer() {
        if let timer { reactor.cancelSchedule(timer.id) }
        timer = nil
    }

    private func timerDue() {
        timer = nil
        let now = reactor.now
        if phase == .connecting {
            close(.unavailable("the server did not answer within \(settings.connectTimeout)"))
            return
        }
        act { pipeline, actions in pipeline.expire(now: now, into: &actions) }
        expireExchange(now)
        if let abandoned = pipeline.oldestAbandonedSentAt, now - abandoned >= settings.abandonedReplyLimit {
            close(.connectionLost("no answer for \(settings.abandonedReplyLimit)"))
        }
        arm()
    }
}
