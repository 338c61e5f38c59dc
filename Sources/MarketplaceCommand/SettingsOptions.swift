import ArgumentParser
import Foundation
import Marketplace

/// Where settings come from, the same for every command.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: "A JSON or YAML file with settings.")
    var config: String?

    @Option(name: .customLong("set"), help: "One setting over environment and file, as NAME=VALUE; may be repeated.")
    var assignments: [String] = []

    /// - Throws: `ValidationError` for an assignment that is none, `SettingsError` for settings that cannot be used.
    func settings(flags: [String: String] = [:]) async throws -> Settings {
        var flags = flags
        for assignment in assignments {
            guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
                throw ValidationError("'\(assignment)' is no setting: write --set NAME=VALUE.")
            }
            flags[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
        }
        return try await Settings(
            flags: flags, environment: ProcessInfo.processInfo.environment, file: config)
    }
}

/// Runs a command's body; what it throws becomes a sentence on standard error and an exit code: 64 for what the caller
/// can correct, 70 for what went wrong here.
func reporting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as SettingsError {
        fail("\(error)", .usage)
    } catch let error as ValidationError {
        fail("\(error)", .usage)
    } catch let code as ExitCode {
        throw code
    } catch {
        fail("\(error)", .software)
    }
}

/// The exit codes of BSD's sysexits that are used here.
enum Failure: Int32 {
    case usage = 64
    case software = 70
}

func fail(_ sentence: String, _ failure: Failure) -> Never {
    FileHandle.standardError.write(Data("marketplace: \(sentence)\n".utf8))
    exit(failure.rawValue)
}
