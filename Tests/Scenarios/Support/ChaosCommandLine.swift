import Foundation
import Testing

/// The program `chaos` as its users run it: in a process of its own, with its output in a file.
struct ChaosCommandLine {
    private let process: Process
    private let output: URL

    /// Starts it, with these variables besides the test's own.
    init(_ arguments: [String], variables: [String: String] = [:]) throws {
        output = FileManager.default.temporaryDirectory.appendingPathComponent("chaos-\(UUID().uuidString)")
        try Data().write(to: output)
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.directory + "/chaos")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    private static var directory: String {
        ProcessInfo.processInfo.environment["SEAWORTHY_EXECUTABLES"] ?? ".build/debug"
    }

    /// What it has printed so far.
    var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Returns once it has printed this.
    func says(_ words: String) async throws {
        try await until("chaos says '\(words)'") { text.contains(words) || !process.isRunning }
        try #require(text.contains(words), "chaos ended and said: \(text)")
    }

    /// The word between two others in what it prints.
    func word(after start: String, before end: String) async throws -> String {
        try await says(end)
        let line = try #require(text.split(separator: "\n").first { $0.contains(end) })
        let from = try #require(line.range(of: start)).upperBound
        return String(line[from..<(try #require(line.range(of: end))).lowerBound])
    }

    /// Its exit code and all it has printed, once it has ended.
    func end() async throws -> (code: Int32, text: String) {
        try await until("chaos ends") { !process.isRunning }
        defer { try? FileManager.default.removeItem(at: output) }
        return (process.terminationStatus, text)
    }

    /// What another run of it prints.
    static func output(_ arguments: [String]) async throws -> Data {
        let run = try ChaosCommandLine(arguments)
        let (code, text) = try await run.end()
        try #require(code == 0, "\(text)")
        return Data(text.utf8)
    }

    /// Runs a shell's script to its end.
    static func shell(_ script: String) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        try process.run()
        let limit = ContinuousClock.now + .seconds(30)
        while process.isRunning, ContinuousClock.now < limit {
            try await ContinuousClock().sleep(for: .milliseconds(20))
        }
        try #require(!process.isRunning && process.terminationStatus == 0, "\(script)")
    }

    private func until(_ what: String, _ condition: () -> Bool) async throws {
        let limit = ContinuousClock.now + .seconds(120)
        while !condition() {
            if ContinuousClock.now > limit {
                process.terminate()
                Issue.record("not within two minutes: \(what); it said: \(text)")
                throw CancellationError()
            }
            try await ContinuousClock().sleep(for: .milliseconds(20))
        }
    }
}
