/// Results come in, each for the slot at the head.
extension Pipeline {
    /// One result of the message at the head; ``receiveEnd(into:)`` ends them.
    mutating func receive(_ reply: Reply, _ answer: Answer, into actions: inout [Action]) {
        guard !slots.isEmpty else {
            actions.append(.violation("a result that no statement asked for"))
            return
        }
        if slots[0].kind == .sync {
            receiveAtSync(reply, answer, &actions)
            return
        }
        slots[0].answer = answer
        slots[0].reply = reply
    }

    /// An error where ReadyForQuery was due: the commit itself failed, as with a deferred constraint.
    private mutating func receiveAtSync(_ reply: Reply, _ answer: Answer, _ actions: inout [Action]) {
        guard case .error(_, let isFatal) = answer else {
            actions.append(.violation("a result in place of the end of a transaction"))
            return
        }
        guard let call = slots[0].call else { return }
        // A session that ends there may have committed before.
        if isFatal { calls[call].isUnconfirmed = true }
        calls[call].failure = reply
    }

    /// The server says that it has committed but could not hear of its replicas.
    mutating func noteUnconfirmedCommit() {
        if let call = slots.first?.call { calls[call].isUnconfirmed = true }
    }

    /// The message at the head has all its results.
    mutating func receiveEnd(into actions: inout [Action]) {
        // libpq also ends the error that came in place of a Sync's answer.
        guard let kind = slots.first?.kind, kind != .sync else { return }
        let slot = slots.removeFirst()
        guard let answer = slot.answer else {
            actions.append(.violation("a statement that ended without a result"))
            return
        }
        switch slot.kind {
        case .parse: endParse(slot, answer)
        case .execute: endExecute(slot, answer, &actions)
        case .deallocate:
            if answer == .aborted, let name = slot.name { deallocations.append(name) }
        case .sync: break
        }
    }

    private mutating func endParse(_ slot: Slot, _ answer: Answer) {
        guard let name = slot.name, let call = slot.call else { return }
        if answer == .ok {
            statements.confirm(name)
            return
        }
        _ = statements.forget(name)
        if case .error = answer { calls[call].failure = slot.reply }
    }

    private mutating func endExecute(_ slot: Slot, _ answer: Answer, _ actions: inout [Action]) {
        guard let index = slot.call else { return }
        switch answer {
        case .ok:
            if calls[index].payload?.sharesSync ?? false, let reply = slot.reply {
                finish(index, .reply(reply), &actions)
            } else if let reply = slot.reply, calls[index].payload != nil {
                calls[index].replies.append(reply)
            }
        case .error(let state, _):
            calls[index].failure = slot.reply
            // The server lost the statement, or its plan no longer fits the table: parse it again, once.
            if let name = slot.name, state == .invalidStatementName || state == .featureNotSupported {
                if statements.forget(name), state == .featureNotSupported { deallocations.append(name) }
                calls[index].mustParseAgain = true
            }
        case .aborted: calls[index].wasAborted = true
        }
        // A read in a shared Sync ends here, whatever its neighbours do; everything else ends with its own Sync.
        if !calls[index].ownsSync { conclude(index, &actions) }
    }

    /// ReadyForQuery: the transaction at the head is over.
    mutating func receiveSync(into actions: inout [Action]) {
        guard let slot = slots.first, slot.kind == .sync else {
            actions.append(.violation("the end of a transaction before its statements were answered"))
            return
        }
        slots.removeFirst()
        if let call = slot.call { conclude(call, &actions) }
        for index in skipped.reversed() { ready.prepend(index) }
        skipped = []
    }

    /// A call's last answer has come: tell its caller, or have it sent again.
    private mutating func conclude(_ index: Int, _ actions: inout [Action]) {
        // Its caller has the answer, or has gone.
        if calls[index].payload == nil {
            release(index)
            return
        }
        if calls[index].mustParseAgain || (calls[index].wasAborted && calls[index].failure == nil),
            calls[index].attempts < Self.maximumAttempts, calls[index].payload?.isRepeatable == true
        {
            calls[index].isSent = false
            calls[index].failure = nil
            calls[index].wasAborted = false
            calls[index].isUnnamed = calls[index].isUnnamed || calls[index].mustParseAgain
            calls[index].mustParseAgain = false
            calls[index].replies = []
            skipped.append(index)
            return
        }
        if calls[index].isUnconfirmed {
            finish(index, .commitUnconfirmed, &actions)
        } else if let failure = calls[index].failure {
            finish(index, .failed(failure), &actions)
        } else if calls[index].wasAborted {
            finish(index, .unsent(.connection), &actions)
        } else {
            finish(index, .replies(calls[index].replies), &actions)
        }
        release(index)
    }
}
