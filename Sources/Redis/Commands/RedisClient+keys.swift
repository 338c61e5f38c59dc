/// How long a key has to live.
public enum TimeToLive: Sendable, Hashable {
    /// There is no such key.
    case missing
    /// It has no end.
    case unlimited
    case remaining(Duration)
}

/// One step of a ``RedisClient/scan(after:matching:count:deadline:)``.
public struct ScanPage: Sendable, Hashable {
    /// What to pass to the next step; nil when this was the last.
    public var cursor: String?
    /// Some keys, in no order, possibly none and possibly ones already seen.
    public var keys: [String]
}

/// The commands on keys of any type.
extension RedisClient {
    /// Deletes keys and returns how many there were. (`DEL`)
    @discardableResult
    public func delete(_ keys: String..., deadline: ContinuousClock.Instant) async throws(RedisError) -> Int {
        try await count("DEL", keys, deadline: deadline)
    }

    /// Deletes keys, freeing their memory in the background, and returns how many there were. (`UNLINK`)
    @discardableResult
    public func unlink(_ keys: [String], deadline: ContinuousClock.Instant) async throws(RedisError) -> Int {
        try await count("UNLINK", keys, deadline: deadline)
    }

    /// How many of the keys exist. (`EXISTS`)
    public func exists(_ keys: String..., deadline: ContinuousClock.Instant) async throws(RedisError) -> Int {
        try await count("EXISTS", keys, deadline: deadline)
    }

    /// Gives a key a lifetime, rounded up to milliseconds; false when there is no such key. (`PEXPIRE`)
    @discardableResult
    public func expire(
        _ key: String, after lifetime: Duration, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> Bool {
        let command = RedisCommand("PEXPIRE", [.text(key), .integer(try milliseconds(lifetime))], .integer)
        return try integer(try await perform(command, deadline: deadline), of: "PEXPIRE") == 1
    }

    /// How long a key has to live. (`PTTL`)
    public func timeToLive(
        _ key: String, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> TimeToLive {
        let reply = try await perform(RedisCommand("PTTL", [.text(key)], .integer), deadline: deadline)
        switch try integer(reply, of: "PTTL") {
        case -2: return .missing
        case -1: return .unlimited
        case let milliseconds: return .remaining(.milliseconds(milliseconds))
        }
    }

    /// One step through all keys. Go on until the page's cursor is nil. (`SCAN`)
    ///
    /// - Parameters:
    ///   - cursor: that of the page before; nil to begin.
    ///   - pattern: a glob that the keys match.
    ///   - count: about how many keys the server looks at.
    public func scan(
        after cursor: String? = nil, matching pattern: String? = nil, count: Int = 100,
        deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> ScanPage {
        var arguments: [RedisArgument] = [.text(cursor ?? "0"), "COUNT", .integer(Int64(count))]
        if let pattern { arguments += ["MATCH", .text(pattern)] }
        let reply = try await perform(RedisCommand("SCAN", arguments, .array(count: 2)), deadline: deadline)
        guard let parts = reply.array, parts.count == 2, let next = parts[0].string, let keys = parts[1].array
        else { throw unexpected(reply, of: "SCAN") }
        return ScanPage(cursor: next == "0" ? nil : next, keys: keys.compactMap(\.string))
    }

    private func count(
        _ name: String, _ keys: [String], deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> Int {
        if keys.isEmpty { return 0 }
        let reply = try await perform(RedisCommand(name, keys.map(RedisArgument.text), .integer), deadline: deadline)
        return Int(try integer(reply, of: name))
    }
}
