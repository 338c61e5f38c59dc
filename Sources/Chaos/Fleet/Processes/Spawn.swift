import Foundation
import SystemPackage

/// A program to start apart from us: own session, working directory and log, no file of ours open but its log.
///
/// Foundation's `Process` gives no session of its own, so a Ctrl-C at the terminal would reach every node.
struct Spawn: Sendable {
    var program: String
    var arguments: [String] = []
    var environment: [String: String] = [:]
    var directory: FilePath
    /// Standard input; nil: nothing to read.
    var input: FilePath?
    /// Standard output is appended here.
    var output: FilePath
    /// Standard error; nil: with standard output.
    var error: FilePath?
    /// Whom to run as; nil: as ourselves.
    var user: ServiceUser?

    /// Starts it and returns who it is.
    func start() throws(FleetError) -> ProcessIdentity {
        let (program, arguments) = user?.wrapping(self.program, self.arguments) ?? (self.program, self.arguments)
        var actions = SpawnActions()
        actions.open(0, input?.string ?? "/dev/null", O_RDONLY)
        actions.open(1, output.string, O_WRONLY | O_CREAT | O_APPEND)
        if let error { actions.open(2, error.string, O_WRONLY | O_CREAT | O_APPEND) } else { actions.copy(1, to: 2) }
        actions.closeAbove(2)
        actions.change(to: directory.string)
        defer { actions.destroy() }
        var pid: pid_t = 0
        let failure = Self.withCStrings([program] + arguments) { argv in
            Self.withCStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                actions.spawn(program, argv, envp, &pid)
            }
        }
        guard failure == 0 else {
            throw .failed("cannot start \(program) in \(directory): \(String(cString: strerror(failure)))")
        }
        // It is our child and not collected yet, so its entry exists whatever became of it.
        return ProcessTable.identity(of: pid) ?? ProcessIdentity(pid: pid, startTime: 0, bootID: ProcessTable.bootID)
    }

    /// Starts it and waits until it has ended.
    /// - Returns: its exit status; 128 + the signal when one ended it.
    /// - Throws: when it is not done within `limit`; it has been killed then.
    func run(limit: Duration, in environment: FleetEnvironment) async throws -> Int32 {
        let identity = try start()
        let end = environment.now() + limit
        var status: Int32 = 0
        var pause = Duration.milliseconds(1)
        while waitpid(identity.pid, &status, WNOHANG) == 0 {
            if environment.now() >= end || Task.isCancelled {
                kill(identity.pid, SIGKILL)
                waitpid(identity.pid, &status, 0)
                if Task.isCancelled { throw CancellationError() }
                throw FleetError.failed("\(program) did not end within \(limit); its output is in \(output)")
            }
            try? await environment.sleep(pause)
            pause = min(pause * 2, .milliseconds(20))
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}
