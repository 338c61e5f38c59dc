import Foundation
import SystemPackage
import Testing

@testable import Chaos

/// The fleets of these tests live in a root of their own, so that `--all` ends no one else's; the templates stay there.
enum TestFleets {
    static let root = FilePath("/tmp/seaworthy-\(geteuid())-tests")

    /// Runtimes that can work here.
    static let runtimes: [RuntimeKind] = DockerHere.isWanted ? [.process, .docker] : [.process]

    static let tiny = Topology(name: "tiny", nodes: [.init(name: "cache", kind: .redis)])

    static let small = Topology(
        name: "small",
        nodes: [
            .init(name: "db", kind: .postgres), .init(name: "db-replica", kind: .postgres, replicaOf: "db"),
            .init(name: "cache", kind: .redis),
        ])

    static func options(
        _ runtime: RuntimeKind = .process, name: String? = nil, root: FilePath = root, isKept: Bool = false
    ) -> FleetOptions {
        var environment = FleetEnvironment.live
        environment.variables["SEAWORTHY_HOME"] = root.string
        return FleetOptions(name: name, runtime: runtime, isKept: isKept, root: root, environment: environment)
    }

    /// Starts a fleet, lends it, and ends it whatever happens.
    static func with(
        _ topology: Topology = small, options: FleetOptions = options(), _ body: (Fleet) async throws -> Void
    ) async throws {
        let fleet = try await Fleet.start(topology, options: options)
        let result: Result<Void, any Error>
        do { result = .success(try await body(fleet)) } catch { result = .failure(error) }
        try await fleet.stop()
        expectNothingLeft(fleet.name, root: options.root)
        if options.runtime == .docker { #expect(try await DockerHere.leftovers(of: fleet.name) == []) }
        try result.get()
    }

    /// Lends a directory of its own for files that `chaos` reads and writes.
    static func withDirectory<T>(_ body: (FilePath) async throws -> T) async throws -> T {
        let directory = FilePath(NSTemporaryDirectory()).appending("chaos-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory.string) }
        return try await body(directory)
    }

    /// Writes a topology where `--topology` can read it.
    static func write(_ topology: Topology, in directory: FilePath) throws -> String {
        let file = directory.appending("\(topology.name).json").string
        try JSONEncoder().encode(topology).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// What of the fleet is still there: pids, and on docker its containers and networks.
    static func remains(_ name: String, on runtime: RuntimeKind) async throws -> [String] {
        let directory = FleetDirectory.fleet(name, root: root).string
        let processes = ProcessTable.entries(below: directory).map { "pid \($0.pid)" }
        return runtime == .docker ? try await processes + DockerHere.leftovers(of: name) : processes
    }

    static func isGone(_ name: String, root: FilePath = root) -> Bool {
        let directory = FleetDirectory.fleet(name, root: root)
        return !FileManager.default.fileExists(atPath: directory.string)
            && ProcessTable.entries(below: directory.string).isEmpty
    }

    static func expectNothingLeft(
        _ name: String, root: FilePath = root, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let directory = FleetDirectory.fleet(name, root: root)
        #expect(!FileManager.default.fileExists(atPath: directory.string), sourceLocation: sourceLocation)
        #expect(ProcessTable.entries(below: directory.string) == [], sourceLocation: sourceLocation)
    }
}

/// The program `chaos` as another process, which tests may kill.
struct ChaosProgram {
    let identity: ProcessIdentity
    let output: FilePath
    /// Its standard error, where that is kept apart.
    let errors: FilePath?

    init(
        _ arguments: [String], root: FilePath = TestFleets.root, variables: [String: String] = [:],
        keepingErrorsApart isApart: Bool = false
    ) throws {
        let executables = Executables(variables: ProcessInfo.processInfo.environment)
        let program = try #require(executables.find("chaos"), "build the product chaos first")
        output = FilePath(NSTemporaryDirectory()).appending("chaos-\(UInt64.random(in: 0 ... .max))")
        errors = isApart ? FilePath(output.string + ".errors") : nil
        var environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        environment["SEAWORTHY_HOME"] = root.string
        identity = try Spawn(
            program: program.string, arguments: arguments, environment: environment,
            directory: FilePath(FileManager.default.currentDirectoryPath), output: output, error: errors
        ).start()
    }

    /// What it has printed so far, both streams unless they are kept apart.
    var text: String { (try? String(contentsOfFile: output.string, encoding: .utf8)) ?? "" }

    func says(_ words: String, within limit: Duration = .seconds(60)) async throws {
        try await eventually("chaos says \(words), and said: \(text)", within: limit) {
            text.contains(words) || !ProcessTable.isAlive(identity)
        }
        try #require(text.contains(words), "chaos ended and said: \(text)")
    }

    /// SIGKILL, and it is gone when this returns.
    func killNow() {
        kill(identity.pid, SIGKILL)
        var status: Int32 = 0
        waitpid(identity.pid, &status, 0)
        unlink(output.string)
    }

    /// Runs it to its end.
    static func run(
        _ arguments: [String], root: FilePath = TestFleets.root, variables: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        let program = try ChaosProgram(arguments, root: root, variables: variables)
        defer { unlink(program.output.string) }
        return (try await program.end(arguments), program.text)
    }

    /// Runs it to its end with its streams apart: what `--json` prints is all that standard output may hold.
    static func runApart(
        _ arguments: [String], root: FilePath = TestFleets.root
    ) async throws -> (status: Int32, output: String, errors: String) {
        let program = try ChaosProgram(arguments, root: root, keepingErrorsApart: true)
        let errors = try #require(program.errors).string
        defer {
            unlink(program.output.string)
            unlink(errors)
        }
        let status = try await program.end(arguments)
        return (status, program.text, (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
    }

    /// Its exit status once it has ended; 128 + the signal when one ended it.
    private func end(_ arguments: [String]) async throws -> Int32 {
        var status: Int32 = 0
        try await eventually("chaos \(arguments) ends", within: .seconds(60)) {
            waitpid(identity.pid, &status, WNOHANG) != 0
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

/// These tests share two processors with fleets of many processes: one after the other.
@Suite("Fleets of real servers", .serialized, .timeLimit(.minutes(5)))
enum FleetsOfRealServers {}
