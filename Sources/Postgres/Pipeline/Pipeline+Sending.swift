/// What has gathered goes out at the end of a tick.
extension Pipeline {
    /// Sends what has gathered. Called once a tick, since each Sync is written out at once.
    mutating func flush(now: ContinuousClock.Instant, into actions: inout [Action]) {
        if let first = ready.first, calls[first].payload?.startsTransaction ?? false { tidy(now, &actions) }
        var isSharing = false
        while let index = ready.popFirst() {
            guard let payload = calls[index].payload else {
                release(index)
                continue
            }
            calls[index].attempts += 1
            let shares = payload.sharesSync && calls[index].attempts <= Self.sharedAttempts
            if isSharing, !shares {
                sync(nil, now, &actions)
                isSharing = false
            }
            if !isSharing { group += 1 }
            calls[index].ownsSync = !shares
            send(index, payload, now, &actions)
            if shares { isSharing = true } else { sync(index, now, &actions) }
        }
        if isSharing { sync(nil, now, &actions) }
    }

    /// Evicted statements go in a Sync of their own, where a failure hurts nobody.
    private mutating func tidy(_ now: ContinuousClock.Instant, _ actions: inout [Action]) {
        if deallocations.isEmpty { return }
        for name in deallocations {
            actions.append(.deallocate(name))
            slots.append(Slot(kind: .deallocate, name: name, sentAt: now))
        }
        deallocations = []
        sync(nil, now, &actions)
    }

    private mutating func send(
        _ index: Int, _ payload: Payload, _ now: ContinuousClock.Instant, _ actions: inout [Action]
    ) {
        calls[index].isSent = true
        for statement in 0..<payload.statementCount {
            var name: StatementName?
            if !calls[index].isUnnamed, let key = payload.statementKey(statement) {
                switch statements.lookup(key, group: group) {
                case .use(let known): name = known
                case .unnamed: break
                case .parse(let new, let evicted):
                    if let evicted { deallocations.append(evicted) }
                    actions.append(.prepare(new, payload, statement: statement))
                    slots.append(Slot(kind: .parse, call: index, name: new, sentAt: now))
                    name = new
                }
            }
            actions.append(.execute(name, payload, statement: statement))
            slots.append(Slot(kind: .execute, call: index, name: name, sentAt: now))
        }
    }

    private mutating func sync(_ call: Int?, _ now: ContinuousClock.Instant, _ actions: inout [Action]) {
        actions.append(.sync)
        slots.append(Slot(kind: .sync, call: call, sentAt: now))
    }
}
