/// Healing a fault from its record alone, by whoever comes first.
extension FleetSite {
    /// How long node or link may take to work again after the heal.
    static let healLimit = Duration.seconds(10)

    func mechanism(_ record: FaultRecord) throws(FleetError) -> any FaultMechanism {
        try FaultCatalog.mechanism(record.fault, on: record.target, in: context.topology)
    }

    /// Heals and notes it.
    func heal(_ record: FaultRecord) async throws {
        try await mechanism(record).heal(record.id, at: self)
        try context.ledger.append(.healed(fault: record.id))
    }

    /// Looks until node or link work again, or time is up.
    func awaitHealed(_ record: FaultRecord) async throws -> FaultLook {
        let mechanism = try mechanism(record)
        let end = environment.now() + Self.healLimit
        while true {
            let look = await mechanism.lookHealed(record.id, at: self)
            if look.isSo || environment.now() >= end { return look }
            try await environment.sleep(.milliseconds(20))
        }
    }
}
