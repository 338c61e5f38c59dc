import Foundation
import Testing

@testable import Chaos

/// The executable `marketplace` with some arguments, and what it has written so far. It is killed with the last
/// reference to it.
final class MarketplaceProcess: Sendable {
    /// How a run ended, and what it said.
    struct Outcome: Sendable {
        let code: Int32
        /// On standard output.
        let lines: [String]
        /// On standard error.
        let errors: String
    }

    private let process: Process
    /// Of what it writes: files are never full, and hold all of it when it has ended.
    private let directory: URL

    init(_ arguments: [String], _ variables: [String: String] = [:]) throws {
        let program = try #require(
            Executables(variables: ProcessInfo.processInfo.environment).find("marketplace"),
            "build the product marketplace first")
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("marketplace-\(UUID().uuidString)")
        process = Process()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        process.executableURL = URL(fileURLWithPath: program.string)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(at: output)
        process.standardError = try Self.file(at: complaints)
        try process.run()
    }

    deinit {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: directory)
    }

    /// Runs it to its end.
    static func run(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> Outcome {
        let process = try MarketplaceProcess(arguments, variables)
        let code = try await process.ended()
        return Outcome(code: code, lines: process.lines, errors: process.errors)
    }

    /// Written on standard output.
    var lines: [String] { Self.text(at: output).split(separator: "\n").map(String.init) }

    /// The same, of a server: events and requests.
    var logged: [JSON] { lines.map { JSON(text: $0) } }

    /// Written on standard error.
    var errors: String { Self.text(at: complaints) }

    /// The port that a server listens on, once it does.
    func port() async throws -> Int {
        try await eventually("the server listens") { self.logged.contains { $0["message"].string == "listening" } }
        let line = try #require(logged.first { $0["message"].string == "listening" }, "\(errors)")
        return try #require(line["port"].string.flatMap { Int($0) })
    }

    /// Asks it to stop in an orderly way.
    func terminate() {
        Foundation.kill(process.processIdentifier, SIGTERM)
    }

    /// Kills it with no chance to tidy up.
    func kill() async throws {
        Foundation.kill(process.processIdentifier, SIGKILL)
        _ = try await ended()
    }

    /// Waits until it has ended; its exit status.
    func ended() async throws -> Int32 {
        try await eventually("marketplace has ended") { !self.process.isRunning }
        // Foundation gives no status of one that still runs, and ends the test process when it is asked.
        try #require(!process.isRunning)
        return process.terminationStatus
    }

    private var output: URL { directory.appendingPathComponent("output") }
    private var complaints: URL { directory.appendingPathComponent("errors") }

    private static func file(at url: URL) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        return try FileHandle(forWritingTo: url)
    }

    private static func text(at url: URL) -> String {
        String(decoding: (try? Data(contentsOf: url)) ?? Data(), as: UTF8.self)
    }
}
