/// When a `SET` takes place.
public enum SetCondition: String, Sendable, Hashable {
    /// Only when the key does not exist.
    case ifAbsent = "NX"
    /// Only when the key exists.
    case ifPresent = "XX"
}

/// The commands on strings. All throw ``RedisError``; `deadline` is the latest instant at which they return.
extension RedisClient {
    /// The value of a key, or nil when it does not exist. (`GET`)
    public func get(_ key: String, deadline: ContinuousClock.Instant) async throws(RedisError) -> [UInt8]? {
        let reply = try await perform(RedisCommand("GET", [.text(key)], .bulk), deadline: deadline)
        return try optionalBytes(reply, of: "GET")
    }

    /// The values of keys, in their order, nil for those that do not exist. (`MGET`)
    public func get(
        _ keys: [String], deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> [[UInt8]?] {
        if keys.isEmpty { return [] }
        let reply = try await perform(
            RedisCommand("MGET", keys.map(RedisArgument.text), .array(count: keys.count)), deadline: deadline)
        guard let values = reply.array, values.count == keys.count else { throw unexpected(reply, of: "MGET") }
        return values.map(\.bytes)
    }

    /// Sets a key; true when it was set, false when the condition did not hold. (`SET`, with `PX`, `NX`, `XX`)
    ///
    /// - Parameter lifetime: how long the key lives, rounded up to milliseconds; nil for ever.
    @discardableResult
    public func set(
        _ key: String, to value: RedisArgument, lifetime: Duration? = nil, condition: SetCondition? = nil,
        deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> Bool {
        let command = try setCommand(key, value, lifetime, condition)
        let reply = try await perform(command, deadline: deadline)
        switch reply {
        case .status: return true
        case .null: return false
        default: throw unexpected(reply, of: "SET")
        }
    }

    /// Sets a key and returns what it held before, nil when it did not exist. With a condition that does not hold,
    /// nothing is set. (`SET … GET`)
    public func exchange(
        _ key: String, for value: RedisArgument, lifetime: Duration? = nil, condition: SetCondition? = nil,
        deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> [UInt8]? {
        let command = try setCommand(key, value, lifetime, condition, "GET")
        return try optionalBytes(try await perform(command, deadline: deadline), of: "SET")
    }

    /// Adds to a decimal number, 0 when the key does not exist, and returns the sum. (`INCR`, `INCRBY`)
    @discardableResult
    public func increment(
        _ key: String, by amount: Int64 = 1, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> Int64 {
        let command = RedisCommand("INCRBY", [.text(key), .integer(amount)], .integer)
        return try integer(try await perform(command, deadline: deadline), of: "INCRBY")
    }

    private func setCommand(
        _ key: String, _ value: RedisArgument, _ lifetime: Duration?, _ condition: SetCondition?,
        _ option: RedisArgument? = nil
    ) throws(RedisError) -> RedisCommand {
        var arguments: [RedisArgument] = [.text(key), value]
        if let lifetime {
            arguments.append("PX")
            arguments.append(.integer(try milliseconds(lifetime)))
        }
        if let condition { arguments.append(.text(condition.rawValue)) }
        if let option { arguments.append(option) }
        return RedisCommand("SET", arguments, option == nil ? .status : .bulk)
    }
}
