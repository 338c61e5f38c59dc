import CLibPQ

/// SQL outside pipeline mode, which libpq needs for COPY and for several statements in one text. Only on a leased
/// connection with a transaction open, so that whatever goes wrong nothing is committed.
extension PostgresConnection {
    /// Runs SQL text; ends when all of it is done, or when a COPY wants its rows.
    func exchange(_ sql: String, deadline: ContinuousClock.Instant) async -> SimpleExchange.Answer {
        guard phase == .open, exchange == nil, pipeline.isIdle, let libpq, libpq.leavePipeline() else {
            return .failure(error(.notSent, closeReason ?? .closed))
        }
        exchange = SimpleExchange(deadline: deadline)
        guard libpq.simple(sql) else {
            let reason = PostgresError.Reason.connectionLost(libpq.errorMessage)
            close(reason)
            return .failure(error(.failed, reason))
        }
        writeOut()
        arm()
        return await nextStep()
    }

    /// Hands rows to a COPY; ends when the socket has taken them, so that no more than they are ever buffered.
    func copy(_ rows: [UInt8]) async -> SimpleExchange.Answer {
        guard phase == .open, exchange?.isCopying ?? false else { return lostExchange() }
        exchange?.unsentRows = rows
        resumeCopy()
        return await nextStep()
    }

    /// Ends a COPY; with a reason it is given up, and the server reports an error.
    func endCopy(givingUp reason: String? = nil) async -> SimpleExchange.Answer {
        guard phase == .open, exchange?.isCopying ?? false, let libpq else { return lostExchange() }
        exchange?.isCopying = false
        // All rows are out by now, so that there is room for these few bytes.
        guard PQputCopyEnd(libpq.connection, reason) == 1 else {
            close(.connectionLost(libpq.errorMessage))
            return lostExchange()
        }
        writeOut()
        // A refused row is answered in the midst of the rows: the answer may be here already, and no byte will follow.
        receiveExchange(libpq)
        return await nextStep()
    }

    /// A cancelled or late caller: the server is told to stop, and the connection ends.
    func abandonExchange(_ reason: PostgresError.Reason) {
        guard exchange != nil else { return }
        cancelOnServer()
        close(reason)
    }

    func expireExchange(_ now: ContinuousClock.Instant) {
        if let deadline = exchange?.deadline, deadline <= now { abandonExchange(.deadlineExceeded) }
    }

    /// The socket takes more: hand libpq what it had no room for.
    func resumeCopy() {
        guard let libpq, let rows = exchange?.unsentRows else { return }
        if !rows.isEmpty {
            let taken = rows.withUnsafeBytes { bytes in
                PQputCopyData(
                    libpq.connection, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
            }
            if taken < 0 {
                close(.connectionLost(libpq.errorMessage))
                return
            }
            if taken == 0 {
                watch([.read, .write])
                return
            }
            exchange?.unsentRows = []
        }
        // Taken by libpq; the caller goes on when the socket has taken them too.
        switch PQflush(libpq.connection) {
        case 0:
            exchange?.unsentRows = nil
            watch(.read)
            answerExchange(.success(.copyTaken))
        case 1: watch([.read, .write])
        default: close(.connectionLost(libpq.errorMessage))
        }
    }

    func receiveExchange(_ libpq: LibPQ) {
        while exchange != nil, exchange?.isCopying == false, PQisBusy(libpq.connection) == 0 {
            guard let pointer = PQgetResult(libpq.connection) else {
                finishExchange(libpq)
                return
            }
            let result = ResultStorage(pointer)
            switch result.status {
            case PGRES_COPY_IN:
                exchange?.isCopying = true
                answerExchange(.success(.copyReady))
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: exchange?.results.append(result)
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                close(.protocolViolation("COPY TO and replication cannot be run here"))
            default:
                guard let server = ServerError(result) else {
                    close(.connectionLost(libpq.errorMessage))
                    return
                }
                exchange?.failure = error(.failed, .server(server))
            }
        }
    }

    private func finishExchange(_ libpq: LibPQ) {
        let results = exchange?.results ?? []
        let failure = exchange?.failure
        // The text may have set it.
        statementTimeout = nil
        guard libpq.enterPipeline() else {
            close(.connectionLost(libpq.errorMessage))
            return
        }
        endExchange(failure.map { .failure($0) } ?? .success(.finished(results)))
    }

    /// The exchange is over.
    func endExchange(_ answer: SimpleExchange.Answer) {
        guard let exchange else { return }
        self.exchange = nil
        if let continuation = exchange.continuation {
            continuation.resume(returning: answer)
        } else {
            lateAnswer = answer
        }
    }

    private func answerExchange(_ answer: SimpleExchange.Answer) {
        if let continuation = exchange?.continuation {
            exchange?.continuation = nil
            continuation.resume(returning: answer)
        } else {
            exchange?.early = answer
        }
    }

    private func nextStep() async -> SimpleExchange.Answer {
        if let answer = lateAnswer {
            lateAnswer = nil
            return answer
        }
        if let early = exchange?.early {
            exchange?.early = nil
            return early
        }
        guard exchange != nil else { return lostExchange() }
        // Unsafe for want of need: `answerExchange` and `endExchange` clear it as they resume it.
        return await withUnsafeContinuation { exchange?.continuation = $0 }
    }

    private func lostExchange() -> SimpleExchange.Answer {
        if let answer = lateAnswer {
            lateAnswer = nil
            return answer
        }
        return .failure(error(.failed, closeReason ?? .closed))
    }
}
