import Foundation
import SystemPackage

/// What `chaos guardian` does: keeps watch over one fleet in a process of its own, so that a controller's death in
/// mid-fault leaves nothing broken and nothing behind.
public struct GuardianProcess: Sendable {
    /// The guardian's name in the ledger.
    static let nodeName = "guardian"
    /// How often time limits and the ledger are looked at.
    static let tick = Duration.milliseconds(100)
    /// How long a removal that fails is tried again, and how often.
    static let removalLimit = Duration.seconds(3_600)
    static let removalPause = Duration.seconds(1)

    let name: String
    let root: FilePath
    let environment: FleetEnvironment

    /// Makes the guardian of the fleet with this name.
    public init(name: String, root: FilePath, environment: FleetEnvironment = .live) {
        self.name = name
        self.root = root
        self.environment = environment
    }

    static func socket(_ directory: FilePath) -> FilePath { directory.appending("guardian.sock") }
    static func lock(_ directory: FilePath) -> FilePath { directory.appending("guardian.lock") }
    static func log(_ directory: FilePath) -> FilePath { directory.appending("guardian.log") }

    /// Watches until the fleet is to end, ends it, and returns. Returns at once when the fleet has a guardian already.
    public func run() async throws {
        let directory = FleetDirectory.fleet(name, root: root)
        guard let lock = try FileLock.attempt(Self.lock(directory)) else { return }
        defer { lock.release() }
        let site = try FleetSite(name: name, root: root, environment: environment)
        let server = try await GuardianServer.listen(Self.socket(directory), tick: Self.tick)
        await watch(site, server: server)
        await server.close()
        try await remove()
    }

    /// What cannot be removed now may be later: a docker daemon that is away comes back.
    private func remove() async throws {
        let end = environment.now() + Self.removalLimit
        while true {
            do {
                return try await FleetRemoval(name: name, root: root, environment: environment).removeHere()
            } catch {
                FileHandle.standardError.write(Data("cannot remove \(name): \(error)\n".utf8))
                guard environment.now() < end else { throw error }
            }
            try await environment.sleep(Self.removalPause)
        }
    }

    /// Returns when the fleet is to end.
    private func watch(_ site: FleetSite, server: GuardianServer) async {
        var state = GuardianState(startedAt: environment.now())
        for await event in server.events {
            // Gone with its directory: someone else has ended the fleet.
            guard let ledger = try? site.context.ledger.state(), ledger.header != nil else { return }
            let actions = state.handle(
                event, now: environment.now(), wallClock: environment.wallClock().timeIntervalSince1970,
                ledger: ledger, isAlive: ProcessTable.isAlive)
            for action in actions {
                switch action {
                case .tearDown: return
                case .welcome(let lease): server.welcome(lease)
                case .heal(let record): heal(record, at: site, server: server)
                }
            }
        }
    }

    /// Apart from the watch, so that a heal that takes its time delays no other.
    private func heal(_ record: FaultRecord, at site: FleetSite, server: GuardianServer) {
        Task {
            do { try await site.heal(record) } catch {
                FileHandle.standardError.write(Data("cannot heal \(record.id) (\(record.fault)): \(error)\n".utf8))
                // The next attempt follows the next look, and those must not crowd the machine.
                try? await environment.sleep(Self.tick)
            }
            server.report(.healEnded(record.id))
        }
    }
}
