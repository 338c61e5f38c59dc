import Foundation
import NIOCore
import NIOPosix
import SystemPackage

/// Ends a fleet and removes everything of it, from its directory alone: what a guardian does when its time has come,
/// and `chaos down` when there is none.
struct FleetRemoval: Sendable {
    var name: String
    var root: FilePath
    var environment: FleetEnvironment

    /// How long a guardian that was asked may take, before we do it ourselves.
    static let guardianLimit = Duration.seconds(10)

    /// How long the directory's removal is tried when another removes it too.
    static let directoryLimit = Duration.seconds(2)

    private var directory: FilePath { FleetDirectory.fleet(name, root: root) }
    private var isGone: Bool { !FileManager.default.fileExists(atPath: directory.string) }

    /// Lets the guardian do it if one answers, else does it here.
    func remove() async throws {
        if let ask = try? await GuardianServer.ask("end\n", at: GuardianProcess.socket(directory)), ask {
            let end = environment.now() + Self.guardianLimit
            while !isGone, environment.now() < end { try await environment.sleep(.milliseconds(5)) }
        }
        if !isGone { try await endGuardian() }
        do { try await removeHere() } catch {
            // A new guardian goes on trying when we have given up.
            let site = try? FleetSite(name: name, root: root, environment: environment)
            _ = try? site.map { try GuardianLease(context: $0.context).start() }
            throw error
        }
    }

    /// Ends what runs and removes the directory; a guardian does this to its own fleet.
    func removeHere() async throws {
        guard !isGone else { return }
        let ledger = Ledger(path: FleetDirectory.ledger(name, root: root))
        if let state = try? ledger.state(), state.header != nil {
            if !state.isTearingDown { try? ledger.append(.tearingDown) }
            try await FleetSite(name: name, root: root, environment: environment).runtime.tearDown()
        } else {
            // Died before its first line was whole; only processes can have been started by then.
            try await ProcessTree(root: nil, directory: directory, environment: environment).kill()
        }
        try await removeDirectory()
    }

    /// A guardian may be removing it at the same time, and a file that is gone by then ends the walk of both: tried
    /// again until it is gone.
    private func removeDirectory() async throws {
        let end = environment.now() + Self.directoryLimit
        while true {
            do { return try FileManager.default.removeItem(atPath: directory.string) } catch {
                if isGone { return }
                guard environment.now() < end else {
                    throw FleetError.failed("cannot remove \(directory): \(error.localizedDescription)")
                }
            }
            try await environment.sleep(.milliseconds(10))
        }
    }

    /// A guardian that did not do its work must not come back to it half-way through ours.
    private func endGuardian() async throws {
        let ledger = Ledger(path: FleetDirectory.ledger(name, root: root))
        guard case .process(let guardian) = try? ledger.state().nodes[GuardianProcess.nodeName]?.handle,
            guardian != ProcessTable.own, ProcessTable.isAlive(guardian)
        else { return }
        kill(guardian.pid, SIGKILL)
        let end = environment.now() + ProcessTree.limit
        while ProcessTable.isAlive(guardian), environment.now() < end { try await environment.sleep(.milliseconds(5)) }
    }
}

extension GuardianServer {
    /// Says one line to a fleet's guardian; false when none listens.
    static func ask(_ line: String, at socket: FilePath) async throws -> Bool {
        guard
            let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: socket.string).get()
        else { return false }
        try await channel.writeAndFlush(ByteBuffer(string: line))
        try await channel.close()
        return true
    }
}
