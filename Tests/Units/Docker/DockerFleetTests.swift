import Foundation
import SystemPackage
import Testing

@testable import Chaos

/// Real containers. Runs when a docker daemon answers; with SEAWORTHY_REQUIRE_DOCKER=1 a daemon that does not is a
/// failure. Serialized: fleets of containers side by side would measure each other.
@Suite("Docker fleet", .serialized, .enabled(if: DockerHere.isWanted), .timeLimit(.minutes(10)))
struct DockerFleetTests {
    @Test("starts, pauses, resumes, kills and restarts nodes, keeps data, and leaves nothing behind")
    func life() async throws {
        let home = try DockerHere.home()
        defer { try? FileManager.default.removeItem(atPath: home.string) }
        let options = FleetOptions(name: "life", runtime: .docker, readyLimit: .seconds(120), root: home)
        let fleet = try await Fleet.start(DockerHere.topology, options: options)
        let result: Result<Void, any Error>
        do { result = .success(try await live(fleet)) } catch { result = .failure(error) }
        try await fleet.stop()
        try result.get()
        #expect(try await DockerHere.leftovers(of: "life").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: FleetDirectory.fleet("life", root: home).string))
        // Twice is once.
        try await fleet.stop()
    }

    private func live(_ fleet: Fleet) async throws {
        let runtime = fleet.runtime
        #expect(runtime.kind == .docker)
        let probe = try await fleet.site.postgres("shard-0-primary")
        _ = try await probe.query("CREATE TABLE kept AS SELECT 42 AS answer")

        for node in ["shard-0-primary", "cache"] {
            let pause = try await fleet.inject(.pause, on: fleet.target(node))
            #expect(pause.isVerified)
            #expect(try await runtime.state(of: node) == .paused)
            let mark = try await runtime.activityMark(of: node)
            #expect(mark != nil)
            #expect(try await runtime.activityMark(of: node) == mark)
            try await pause.heal()
            #expect(try await runtime.state(of: node) == .running)
        }

        let kill = try await fleet.inject(.kill, on: fleet.target("shard-0-primary"))
        #expect(kill.isVerified)
        #expect(try await runtime.state(of: "shard-0-primary") == .exited)
        try await kill.heal()
        let rows = try await fleet.site.postgres("shard-0-primary").query("SELECT answer FROM kept")
        #expect(rows.first?.first == "42")
        try await fleet.site.awaitCaughtUp(try fleet.context.node("shard-0-replica-0"), limit: .seconds(30))

        let latency = try await fleet.inject(.latency(.milliseconds(200)), on: fleet.target("*:cache"))
        #expect(latency.isVerified)
        try await latency.heal()
        let partition = try await fleet.inject(.partition, on: fleet.target("shard-0-replica-0:shard-0-primary"))
        #expect(partition.isVerified)
        try await partition.heal()

        try await runtime.stop("cache")
        #expect(try await runtime.state(of: "cache") == .exited)
        try await fleet.site.start("cache", limit: .seconds(30))
        #expect(try await runtime.state(of: "cache") == .running)
    }

    @Test("a pause that another ends past docker is seen not to be in force")
    func outsideResume() async throws {
        try await DockerHere.withFleet("outside") { fleet in
            let runtime = fleet.runtime
            try await runtime.pause("cache")
            guard case .container(let id)? = try fleet.context.ledger.state().nodes["cache"]?.handle else {
                Issue.record("the ledger does not know the container")
                return
            }
            DockerCgroup(container: id).thaw()
            #expect(try await runtime.state(of: "cache") == .running)
            try await runtime.resume("cache")
            #expect(try await runtime.state(of: "cache") == .running)
        }
    }

    @Test("a removal finds what the ledger does not know, from the fleet's directory alone")
    func unknownContainers() async throws {
        try await DockerHere.withFleet("unknown") { fleet in
            let docker = try #require(fleet.runtime as? DockerRuntime)
            let image = try docker.place().images.redis
            // As one that a controller started just before it was killed.
            _ = try await docker.run("stray", image: image, command: ["sleep", "600"])
            #expect(try await DockerHere.leftovers(of: "unknown").contains { $0.contains("stray") })
        }
        #expect(try await DockerHere.leftovers(of: "unknown").isEmpty)
    }

    @Test("a name that is taken and a program that is not there are told in a sentence, with nothing left")
    func refusals() async throws {
        let home = try DockerHere.home()
        defer { try? FileManager.default.removeItem(atPath: home.string) }
        var topology = DockerHere.topology
        topology.nodes.append(.init(name: "server", kind: .service, command: ["no-such-program"], health: "/"))
        let options = FleetOptions(name: "refused", runtime: .docker, root: home)
        do {
            let fleet = try await Fleet.start(topology, options: options)
            try await fleet.stop()
            Issue.record("a program that is not there was started")
        } catch let error as FleetError {
            #expect(error.description.contains("no-such-program"))
        }
        #expect(try await DockerHere.leftovers(of: "refused").isEmpty)
    }
}

/// Docker on the machine that runs the tests.
enum DockerHere {
    static let isRequired = ProcessInfo.processInfo.environment["SEAWORTHY_REQUIRE_DOCKER"] == "1"

    /// Whether to try: a daemon answers, or there has to be one.
    static let isWanted: Bool = {
        if isRequired { return true }
        let docker = Process()
        docker.executableURL = URL(filePath: "/usr/bin/env")
        docker.arguments = ["timeout", "5", "docker", "version"]
        docker.standardOutput = FileHandle.nullDevice
        docker.standardError = FileHandle.nullDevice
        guard (try? docker.run()) != nil else { return false }
        docker.waitUntilExit()
        return docker.terminationStatus == 0
    }()

    static let topology = Topology(
        name: "docker-test",
        nodes: [
            .init(name: "shard-0-primary", kind: .postgres),
            .init(name: "shard-0-replica-0", kind: .postgres, replicaOf: "shard-0-primary"),
            .init(name: "cache", kind: .redis),
        ])

    /// A short path, for sockets.
    static func home() throws -> FilePath {
        let path = "/tmp/swt-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return FilePath(path)
    }

    static func withFleet(_ name: String, _ body: (Fleet) async throws -> Void) async throws {
        let home = try home()
        defer { try? FileManager.default.removeItem(atPath: home.string) }
        let options = FleetOptions(name: name, runtime: .docker, readyLimit: .seconds(120), root: home)
        let fleet = try await Fleet.start(topology, options: options)
        let result: Result<Void, any Error>
        do { result = .success(try await body(fleet)) } catch { result = .failure(error) }
        try await fleet.stop()
        try result.get()
    }

    /// Containers and networks labelled as this fleet's.
    static func leftovers(of fleet: String) async throws -> [String] {
        let environment = FleetEnvironment.live
        let program = try #require(Executables(variables: environment.variables).onPath("docker"))
        let docker = DockerCommand(program: program, variables: environment.variables, environment: environment)
        let label = ["--filter", "label=seaworthy.fleet=\(fleet)"]
        let containers = try await docker.require(["ps", "--all", "--format", "{{.Names}}"] + label)
        let networks = try await docker.require(["network", "ls", "--format", "{{.Name}}"] + label)
        return (containers + "\n" + networks).split(separator: "\n").map(String.init)
    }
}
