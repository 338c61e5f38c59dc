import Subprocess
import SystemPackage

/// Calls of the docker command line, each with a time limit.
struct DockerCommand: Sendable {
    var program: FilePath
    /// The caller's variables, with those that chose the daemon when the fleet was started.
    var variables: [String: String]
    var environment: FleetEnvironment

    /// A call that only asks or signals.
    static let limit = Duration.seconds(30)
    /// Bytes of an answer that is kept.
    static let greatestAnswer = 1 << 20

    /// What a call came to.
    struct Answer: Sendable, Equatable {
        var isWell: Bool
        /// Without the last line end.
        var output: String
        var error: String

        /// Nobody answers at the daemon's address; anything else is the daemon's own refusal.
        var isDaemonGone: Bool {
            let words = ["Cannot connect to the Docker daemon", "error during connect", "connection refused"]
            return !isWell && words.contains { error.contains($0) }
        }

        /// The daemon knows no such container, image or network.
        var isUnknown: Bool { !isWell && (error.contains("No such") || error.contains("not found")) }

        /// What the error said last.
        var reason: String {
            let lines = error.split(separator: "\n").map(String.init)
            return lines.last { $0.contains("rror") } ?? lines.last ?? "it gave no reason"
        }
    }

    /// Runs `docker ARGUMENTS`. Throws ``FleetError`` only when the program cannot be run or is not done in time.
    func ask(_ arguments: [String], limit: Duration = DockerCommand.limit) async throws -> Answer {
        try await ask(program, arguments, limit: limit)
    }

    /// The standard output of a call that has to go well.
    @discardableResult
    func require(_ arguments: [String], limit: Duration = DockerCommand.limit) async throws -> String {
        let answer = try await ask(arguments, limit: limit)
        guard answer.isWell else { throw failure(of: answer, doing: arguments.prefix(2).joined(separator: " ")) }
        return answer.output
    }

    func failure(of answer: Answer, doing what: String) -> FleetError {
        if answer.isDaemonGone {
            return .failed(
                """
                the docker daemon does not answer (docker \(what): \(answer.reason)): start it again, then \
                `chaos down --all` removes what is left; or use --runtime process
                """)
        }
        return .failed("docker \(what) failed: \(answer.reason)")
    }

    /// Runs another program that talks to the same daemon.
    func ask(_ program: FilePath, _ arguments: [String], limit: Duration) async throws -> Answer {
        let sleep = environment.sleep
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await call(program, arguments) }
            group.addTask {
                try await sleep(limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else {
                let what = arguments.prefix(2).joined(separator: " ")
                throw FleetError.failed(
                    "\(program) \(what) was not done within \(limit): see the docker daemon's log")
            }
            return answer
        }
    }

    private func call(_ program: FilePath, _ arguments: [String]) async throws -> Answer {
        var custom: [Environment.Key: String] = [:]
        for (name, value) in variables {
            if let key = Environment.Key(rawValue: name) { custom[key] = value }
        }
        do {
            let result = try await Subprocess.run(
                .path(program), arguments: Arguments(arguments), environment: .custom(custom),
                output: .string(limit: Self.greatestAnswer), error: .string(limit: Self.greatestAnswer))
            let output = result.standardOutput
            return Answer(
                isWell: result.terminationStatus.isSuccess,
                output: output.hasSuffix("\n") ? String(output.dropLast()) : output, error: result.standardError)
        } catch let error as SubprocessError {
            throw FleetError.failed("cannot run \(program): \(error)")
        }
    }
}
