/// Callers come, go, run out of time, and get their answers.
extension Pipeline {
    /// Takes a call to be sent with the next ``flush(now:into:)``. Ask ``hasRoom`` before.
    mutating func submit(_ payload: Payload) -> CallID {
        let index: Int
        if let free = freeCalls.popLast() {
            index = free
            calls[index] = Call(payload: payload, generation: calls[index].generation &+ 1)
        } else {
            index = calls.count
            calls.append(Call(payload: payload, generation: 0))
        }
        liveCalls += 1
        ready.append(index)
        nextDeadline = min(nextDeadline ?? payload.deadline, payload.deadline)
        return CallID(index: index, generation: calls[index].generation)
    }

    /// The caller goes. Its slots stay, and what is answered to them is dropped.
    mutating func abandon(_ id: CallID, _ cause: Cause, into actions: inout [Action]) {
        guard id.index < calls.count, calls[id.index].generation == id.generation else { return }
        settle(id.index, cause, &actions)
    }

    /// Ends the wait of callers whose deadline has passed.
    mutating func expire(now: ContinuousClock.Instant, into actions: inout [Action]) {
        guard let due = nextDeadline, due <= now else { return }
        nextDeadline = nil
        for index in calls.indices {
            guard let deadline = calls[index].payload?.deadline else { continue }
            if deadline <= now {
                settle(index, .deadline, &actions)
            } else {
                nextDeadline = min(nextDeadline ?? deadline, deadline)
            }
        }
    }

    /// The connection is gone: every caller that waits gets its answer, and the pipeline is empty.
    mutating func close(into actions: inout [Action]) {
        for index in calls.indices { settle(index, .connection, &actions) }
        calls = []
        freeCalls = []
        ready = []
        skipped = []
        slots = []
        nextDeadline = nil
    }

    mutating func settle(_ index: Int, _ cause: Cause, _ actions: inout [Action]) {
        if let failure = calls[index].failure {
            finish(index, .failed(failure), &actions)
        } else {
            finish(index, calls[index].isSent ? .unanswered(cause) : .unsent(cause), &actions)
        }
    }

    mutating func finish(_ index: Int, _ completion: Completion, _ actions: inout [Action]) {
        guard let payload = calls[index].payload else { return }
        calls[index].payload = nil
        calls[index].replies = []
        liveCalls -= 1
        actions.append(.finish(payload, completion))
    }

    mutating func release(_ index: Int) {
        calls[index].payload = nil
        calls[index].generation &+= 1
        freeCalls.append(index)
        if liveCalls == 0 { nextDeadline = nil }
    }
}
