import ArgumentParser
import Chaos
import Foundation

/// The flags of every verb that acts on a fleet.
struct FleetFlags: ParsableArguments {
    @Option(help: "The fleet's name; may be left out when there is only one.")
    var fleet: String?

    @Flag(help: "Print JSON.")
    var json = false
}

/// The end of every verb: one sentence on standard error, and the exit code that belongs to it.
enum FleetVerb {
    static func run(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let code as ExitCode { throw code } catch {
            say("chaos: \(error)", to: .standardError)
            throw ExitCode(exitCode(of: error))
        }
    }

    static func exitCode(of error: any Error) -> Int32 { (error as? FleetError)?.exitCode ?? 70 }

    /// Prints at once: what reads us waits for the line.
    static func say(_ text: String, to file: FileHandle = .standardOutput) {
        try? file.write(contentsOf: Data("\(text)\n".utf8))
    }

    static func say<T: Encodable>(json value: T) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
