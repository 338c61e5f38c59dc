import Foundation
import Synchronization
import Testing

@testable import Chaos

/// The executable `marketplace` with some arguments, and the lines that it has printed.
final class MoverProcess: Sendable {
    private let process: Process
    private let output = Mutex<[UInt8]>([])

    init(_ arguments: [String], _ variables: [String: String]) throws {
        let program = try #require(
            Executables(variables: ProcessInfo.processInfo.environment).find("marketplace"),
            "build the product marketplace first")
        process = Process()
        process.executableURL = URL(fileURLWithPath: program.string)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.output.withLock { $0 += data }
        }
        try process.run()
    }

    var lines: [String] {
        String(decoding: output.withLock { $0 }, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Kills it with no chance to tidy up.
    func kill() async throws {
        Foundation.kill(process.processIdentifier, SIGKILL)
        _ = try await ended()
    }

    /// Waits until it has ended; its exit status.
    func ended() async throws -> Int32 {
        try await eventually("the mover has ended") { !self.process.isRunning }
        return process.terminationStatus
    }
}
