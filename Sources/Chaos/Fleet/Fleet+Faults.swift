import Foundation

/// Breaking and healing.
extension Fleet {
    /// Reads `cache`, `server-0:cache` or `*:cache`; checks that node or link exist.
    public func target(_ text: String) throws(FleetError) -> FaultTarget {
        try FaultTarget(text, in: topology)
    }

    /// Checks fault and target as ``inject(_:on:for:isDetached:origin:)`` does, and changes nothing.
    public func validate(_ fault: Fault, on target: FaultTarget) throws(FleetError) {
        guard runtime.capabilities.contains(fault.kind) else {
            throw .usage("the \(runtime.kind.rawValue) runtime cannot do \(fault.kind.rawValue)")
        }
        _ = try FaultCatalog.mechanism(fault, on: target, in: topology)
    }

    /// Injects a fault and returns once its effect has been seen, or has failed to show (``ActiveFault/isVerified``).
    /// - Parameters:
    ///   - duration: healed then even if this process is gone; nil: until healed or this process ends.
    ///   - isDetached: this process does not hold it; it ends by `duration` or `chaos heal`.
    ///   - origin: the instant that observations' times count from; nil: now.
    /// - Throws: ``FleetError`` when fault and target do not fit, or the injection failed (then it is undone).
    public func inject(
        _ fault: Fault, on target: FaultTarget, for duration: Duration? = nil, isDetached: Bool = false,
        origin: ContinuousClock.Instant? = nil
    ) async throws -> ActiveFault {
        try validate(fault, on: target)
        let since = context.environment.wallClock()
        let record = FaultRecord(
            id: "\(fault.kind.rawValue)-\(String(context.environment.random() & 0xffff_ffff, radix: 16))", fault: fault,
            target: target, since: since,
            until: duration.map { since.addingTimeInterval(Double($0.nanoseconds) / 1_000_000_000) },
            controller: isDetached ? nil : ProcessTable.own)
        try context.ledger.append(.injecting(record))
        let active = ActiveFault(
            record: record, site: site, mechanism: try site.mechanism(record),
            origin: origin ?? context.environment.now())
        note(active)
        do { try await active.begin() } catch {
            try? await heal(record.id)
            throw error
        }
        if isDetached {
            active.letGo()
            _ = forget(record.id)
        }
        return active
    }

    /// Breaks `target` while `body` runs, and heals it whatever happens.
    public func with<T>(
        _ fault: Fault, on target: String, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> T
    ) async throws -> T {
        // A workload around us records when it was broken and healed.
        let recording = FaultRecording.current
        await recording?.injecting()
        let active = try await inject(fault, on: self.target(target), origin: recording?.clock.origin)
        recording?.injected(active)
        let result: Result<T, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await recording?.healing(active)
        // A cancelled body must not leave the fault behind: the heal runs apart from this task.
        try await Task { try await self.heal(active.id) }.value
        recording?.healed(active)
        return try result.get()
    }

    /// Heals one fault by id, whoever injected it.
    public func heal(_ id: String) async throws {
        if let active = forget(id) { return try await active.heal() }
        guard let record = try context.ledger.state().faults.first(where: { $0.id == id }) else {
            let ids = try context.ledger.state().faults.map(\.id)
            throw FleetError.usage(
                "no fault \(id) in \(name); "
                    + "\(ids.isEmpty ? "nothing is broken" : "there are \(ids.joined(separator: ", "))")"
            )
        }
        try await site.heal(record)
        let look = try await site.awaitHealed(record)
        guard look.isSo else { throw FleetError.failed("\(id) was undone, but \(look.evidence)") }
    }

    /// Heals every fault of the fleet, the last first.
    public func healAll() async throws {
        for record in try context.ledger.state().faults.reversed() { try await heal(record.id) }
    }
}
