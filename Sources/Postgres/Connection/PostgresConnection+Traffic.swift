import CLibPQ

/// Bytes in and out of an open connection.
extension PostgresConnection {
    func openSocketReady(_ ready: Interest) {
        guard let libpq else { return }
        if ready.contains(.read) {
            lastReceivedAt = reactor.now
            let isAlive = PQconsumeInput(libpq.connection) == 1
            // Whole replies that came before the end still count.
            if exchange == nil { receiveReplies(libpq) } else { receiveExchange(libpq) }
            guard phase == .open else { return }
            if !isAlive || libpq.isBroken {
                close(.connectionLost(libpq.errorMessage))
                return
            }
            if pipeline.hasWorkToSend { setDirty() }
            if exchange == nil { owner?.connectionHasRoom(self) }
            guard phase == .open else { return }
        }
        if ready.contains(.write) { resumeCopy() }
        writeOut()
    }

    /// Writes what is buffered, as far as the socket takes it; the rest when it takes more.
    func writeOut() {
        guard let libpq, phase == .open else { return }
        switch PQflush(libpq.connection) {
        case 0: watch(.read)
        case 1: watch([.read, .write])
        default: close(.connectionLost(libpq.errorMessage))
        }
    }

    private func receiveReplies(_ libpq: LibPQ) {
        // With nothing owed, asking still lets libpq take in notices.
        if !pipeline.expectsReply { _ = PQisBusy(libpq.connection) }
        act { pipeline, actions in
            var emptyInARow = 0
            while pipeline.expectsReply, PQisBusy(libpq.connection) == 0 {
                if libpq.notices.hasUnconfirmedCommit {
                    libpq.notices.hasUnconfirmedCommit = false
                    pipeline.noteUnconfirmedCommit()
                }
                guard let result = PQgetResult(libpq.connection) else {
                    emptyInARow += 1
                    if emptyInARow > 1 {
                        actions.append(.violation("libpq expects no answer where this client does"))
                        break
                    }
                    pipeline.receiveEnd(into: &actions)
                    continue
                }
                emptyInARow = 0
                if !Self.receive(ResultStorage(result, returns: reactor.returns), into: &pipeline, &actions) { break }
            }
        }
    }

    /// - Returns: false when the connection cannot go on.
    private static func receive(
        _ result: ResultStorage, into pipeline: inout Pipeline<PostgresCall, ResultStorage>,
        _ actions: inout [PipelineAction]
    ) -> Bool {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: pipeline.receive(result, .ok, into: &actions)
        case PGRES_PIPELINE_SYNC: pipeline.receiveSync(into: &actions)
        case PGRES_PIPELINE_ABORTED: pipeline.receive(result, .aborted, into: &actions)
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
            guard let error = ServerError(result) else {
                // libpq's own: the stream is broken, or cannot be understood.
                let text = result.errorMessage.split(whereSeparator: \.isNewline).joined(separator: "; ")
                actions.append(.violation(text))
                return false
            }
            pipeline.receive(result, .error(error.sqlState, isFatal: error.isFatal), into: &actions)
        default:
            actions.append(.violation("a COPY inside a pipeline"))
            return false
        }
        return true
    }
}
