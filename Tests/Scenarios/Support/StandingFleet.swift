import Chaos
import Testing

/// The fleet that the last scenario left healthy, kept for the next one that needs the same kind: starting seventeen
/// containers takes longer than most scenarios. One stands at a time, since an idle fleet takes time from a busy one.
actor StandingFleet {
    static let shared = StandingFleet()

    /// What two scenarios must have in common to share a fleet.
    struct Kind: Equatable, Sendable {
        var runtime: RuntimeKind
        var isDurable: Bool
    }

    private var standing: (kind: Kind, fleet: Fleet)?

    /// The standing fleet if it is of this kind, else a new one. The caller gives it back or stops it.
    func take(_ kind: Kind) async throws -> Fleet {
        if let standing, standing.kind == kind {
            self.standing = nil
            return standing.fleet
        }
        try await end()
        var topology = try Topology.bundled("standard")
        topology.durable = kind.isDurable
        return try await Fleet.start(topology, options: FleetOptions(runtime: kind.runtime))
    }

    /// Keeps a fleet that everything held on.
    func giveBack(_ fleet: Fleet, of kind: Kind) async throws {
        try await end()
        standing = (kind, fleet)
    }

    /// Stops the standing fleet, if there is one.
    func end() async throws {
        guard let fleet = standing?.fleet else { return }
        standing = nil
        try await fleet.stop()
    }
}

/// Ends the standing fleet when the last scenario is done.
struct EndsStandingFleet: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        do { try await function() } catch {
            try? await StandingFleet.shared.end()
            throw error
        }
        try await StandingFleet.shared.end()
    }
}
