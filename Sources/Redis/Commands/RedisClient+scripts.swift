/// Scripts, called by digest.
extension RedisClient {
    /// Runs a script and returns its reply. A server that does not know the script (it was restarted, or its script
    /// cache was flushed) is given the source once, and asked again. (`EVALSHA`, `SCRIPT LOAD`)
    ///
    /// A script that fails half-way keeps what it has written, so its errors have the outcome `unknown`, except those
    /// that are raised before a script runs.
    public func run(
        _ script: RedisScript, keys: [String] = [], arguments: [RedisArgument] = [],
        deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> RedisValue {
        let command = RedisCommand(
            "EVALSHA",
            [.text(script.digest), .integer(Int64(keys.count))] + keys.map(RedisArgument.text) + arguments, .any)
        do throws(RedisError) {
            return try await perform(command, deadline: deadline)
        } catch {
            guard case .server(let answer) = error.reason else { throw error }
            guard answer.code == "NOSCRIPT" else { throw scriptError(error, answer) }
        }
        try await load(script, deadline: deadline)
        do throws(RedisError) {
            return try await perform(command, deadline: deadline)
        } catch {
            guard case .server(let answer) = error.reason else { throw error }
            throw scriptError(error, answer)
        }
    }

    /// Puts a script into the server's script cache. (`SCRIPT LOAD`)
    public func load(_ script: RedisScript, deadline: ContinuousClock.Instant) async throws(RedisError) {
        let command = RedisCommand("SCRIPT", ["LOAD", .text(script.source)], .bulk)
        do throws(RedisError) {
            let reply = try await perform(command, deadline: deadline)
            guard reply.string == script.digest else { throw unexpected(reply, of: "SCRIPT LOAD") }
        } catch {
            // What ran so far had no effect on data, so a lost answer leaves nothing unknown.
            throw error.outcome == .unknown ? RedisError(.failed, error.reason, node: error.node) : error
        }
    }

    private func scriptError(_ error: RedisError, _ answer: RedisServerError) -> RedisError {
        let beforeItRan: Set<Substring> = [
            "NOSCRIPT", "NOAUTH", "LOADING", "BUSY", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "READONLY",
        ]
        if beforeItRan.contains(answer.code) { return error }
        return RedisError(.unknown, error.reason, node: error.node)
    }
}
