import SystemPackage

/// What works without a controller or a guardian, from the ledgers on disk: `status`, `heal` and `down`.
public enum FleetSweep {
    /// The status of the named fleet or the only one.
    public static func status(
        fleet: String? = nil, options: FleetOptions = FleetOptions()
    ) async throws -> FleetStatus {
        let root = try FleetDirectory.prepared(options.root)
        let name = try FleetDirectory.choose(fleet, root: root)
        return try await FleetSite(name: name, root: root, environment: options.environment).status()
    }

    /// Heals the faults with these ids, or every one, of the named fleet or of all.
    /// - Returns: what was healed, a line each.
    /// - Throws: ``FleetError/usage(_:)`` for an id that no fleet has; nothing is healed then.
    public static func heal(
        ids: [String]?, fleet: String? = nil, options: FleetOptions = FleetOptions()
    ) async throws -> [String] {
        let root = try FleetDirectory.prepared(options.root)
        let names = try fleet.map { name throws(FleetError) in [try FleetDirectory.choose(name, root: root)] }
        var wanted: [(FleetSite, FaultRecord)] = []
        for name in names ?? FleetDirectory.names(root: root) {
            let site = try FleetSite(name: name, root: root, environment: options.environment)
            for record in try site.context.ledger.state().faults.reversed() where ids?.contains(record.id) ?? true {
                wanted.append((site, record))
            }
        }
        for id in ids ?? [] where !wanted.contains(where: { $0.1.id == id }) {
            throw FleetError.usage("no fleet has a fault \(id); `chaos status` lists those there are")
        }
        var healed: [String] = []
        for (site, record) in wanted {
            try await site.heal(record)
            let look = try await site.awaitHealed(record)
            guard look.isSo else { throw FleetError.failed("\(record.id) was undone, but \(look.evidence)") }
            healed.append("\(record.id) (\(record.fault) on \(record.target)) in \(site.context.name)")
        }
        return healed
    }

    /// Ends the named fleet, the only one, or with `all` every one.
    /// - Returns: names of those ended.
    public static func end(
        fleet: String? = nil, all: Bool = false, options: FleetOptions = FleetOptions()
    ) async throws -> [String] {
        let root = try FleetDirectory.prepared(options.root)
        let names = all ? FleetDirectory.names(root: root) : [try FleetDirectory.choose(fleet, root: root)]
        try await withThrowingTaskGroup { group in
            for name in names {
                let removal = FleetRemoval(name: name, root: root, environment: options.environment)
                group.addTask { try await removal.remove() }
            }
            for try await _ in group {}
        }
        return names
    }
}
