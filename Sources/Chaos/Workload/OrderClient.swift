extension LoadSession {
    /// Places an order as a careful client does: what is turned away is given up, what ends unknown is asked again with
    /// its key until it is settled or the run is over.
    func place(_ order: OrderPlan, due: Int64, process: Int) async {
        var order = order
        var progress = OrderProgress()
        if order.isDoubleClicked, let second = processes.take() {
            let plan = order
            async let twin = attempt(plan, number: 1, due: due, process: second)
            progress.attemptEnded(await attempt(order, number: 0, due: due, process: process))
            progress.attemptEnded(await twin)
        } else {
            progress.attemptEnded(await attempt(order, number: 0, due: due, process: process))
        }
        while let wait = progress.retry(jitter: Double(order.random.next() >> 11) * 0x1p-53) {
            let due = clock.now() + wait.nanoseconds
            guard due < settlingEnd, !Task.isCancelled else { return }
            do { try await clock.pause(until: due) } catch { return }
            // Retries are few; one that finds the bound reached waits for its next turn.
            guard let process = processes.take() else { continue }
            progress.attemptEnded(await attempt(order, number: progress.attempts, due: due, process: process))
        }
    }

    /// Sends the order once.
    private func attempt(_ order: OrderPlan, number: Int, due: Int64, process: Int) async -> OrderProgress.End {
        let server = order.server + number
        recorder.record(
            .client(process), .invoke, "order", key: order.key,
            value: [
                "scheduled": .int(due), "server": .string(caller.servers[server % caller.servers.count].name),
                "store": .string(order.store.id), "group": .string(order.store.group),
                "sku": .string(order.sku.code), "quantity": .int(order.quantity), "customer": .string(order.customer),
                "attempt": .int(Int64(number)), "doubleClick": .bool(order.isDoubleClicked),
            ])
        delays.record(clock.now() - due)
        let result = await caller.call(order.request, server: server, timeout: order.timeout)
        var (kind, value) = CallRecord.end(of: result, isWrite: true, latency: clock.now() - due)
        var end = OrderProgress.End.unknown
        switch result {
        case .notSent: end = .turnedAway
        case .unanswered: end = .unknown
        case .reply(let reply):
            end = OrderProgress.end(status: reply.status, code: value["code"]?.string)
            if let data = reply.json?["data"], kind == .ok {
                value["order"] = data["id"]
                value["total"] = data["totalMinor"]
            }
            if kind == .ok, value["order"]?.string == nil {
                // Accepted, but it does not say what: as good as no answer.
                (kind, end) = (.info, .unknown)
                value["code"] = "answer-without-an-order"
            }
            if reply.header("idempotent-replayed") == "true" { value["replayed"] = true }
        }
        recorder.record(.client(process), kind, "order", key: order.key, value: .object(value))
        processes.giveBack(process, isRetired: kind == .info)
        return end
    }
}
