/// The commands on the server itself.
extension RedisClient {
    /// Asks for a sign of life. (`PING`)
    public func ping(deadline: ContinuousClock.Instant) async throws(RedisError) {
        let reply = try await perform(RedisCommand("PING", [], .status), deadline: deadline)
        guard case .status("PONG") = reply else { throw unexpected(reply, of: "PING") }
    }

    /// What the server says of itself, by field; `section` as in the command's documentation. (`INFO`)
    public func info(
        _ section: String? = nil, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> [String: String] {
        let reply = try await perform(
            RedisCommand("INFO", section.map { [.text($0)] } ?? [], .bulk), deadline: deadline)
        guard let text = reply.string else { throw unexpected(reply, of: "INFO") }
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return fields
    }

    /// The server's clock: the time since 1970 began, in UTC. (`TIME`)
    public func time(deadline: ContinuousClock.Instant) async throws(RedisError) -> Duration {
        let reply = try await perform(RedisCommand("TIME", [], .array(count: 2)), deadline: deadline)
        guard let parts = reply.array, parts.count == 2, let seconds = parts[0].integer, let part = parts[1].integer
        else { throw unexpected(reply, of: "TIME") }
        return .seconds(seconds) + .microseconds(part)
    }

    /// Deletes every key of the selected database. (`FLUSHDB`)
    public func flushDatabase(deadline: ContinuousClock.Instant) async throws(RedisError) {
        let reply = try await perform(RedisCommand("FLUSHDB", [], .status), deadline: deadline)
        guard case .status = reply else { throw unexpected(reply, of: "FLUSHDB") }
    }

    /// The server's number for a connection. With more than one connection any of them answers. (`CLIENT ID`)
    public func clientID(deadline: ContinuousClock.Instant) async throws(RedisError) -> Int64 {
        let reply = try await perform(RedisCommand("CLIENT", ["ID"], .integer), deadline: deadline)
        return try integer(reply, of: "CLIENT ID")
    }

    /// Lets the server tell the connection `redirect` which keys read here have changed. It concerns one connection,
    /// so use a client of one. (`CLIENT TRACKING ON REDIRECT`)
    public func startTracking(
        redirect: Int64, deadline: ContinuousClock.Instant
    ) async throws(RedisError) {
        let arguments: [RedisArgument] = ["TRACKING", "ON", "REDIRECT", .integer(redirect)]
        let reply = try await perform(RedisCommand("CLIENT", arguments, .status), deadline: deadline)
        guard case .status = reply else { throw unexpected(reply, of: "CLIENT TRACKING") }
    }
}
