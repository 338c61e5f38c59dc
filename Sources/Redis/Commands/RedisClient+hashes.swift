/// The commands on hashes.
extension RedisClient {
    /// The value of a field, or nil when key or field do not exist. (`HGET`)
    public func get(
        field: String, of key: String, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> [UInt8]? {
        let reply = try await perform(RedisCommand("HGET", [.text(key), .text(field)], .bulk), deadline: deadline)
        return try optionalBytes(reply, of: "HGET")
    }

    /// All fields and their values; empty when there is no such key. (`HGETALL`)
    public func getAll(
        _ key: String, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> [String: [UInt8]] {
        let reply = try await perform(RedisCommand("HGETALL", [.text(key)], .pairs), deadline: deadline)
        guard let items = reply.array, items.count.isMultiple(of: 2) else { throw unexpected(reply, of: "HGETALL") }
        var fields: [String: [UInt8]] = [:]
        fields.reserveCapacity(items.count / 2)
        for index in stride(from: 0, to: items.count, by: 2) {
            guard let name = items[index].string, let value = items[index + 1].bytes else {
                throw unexpected(reply, of: "HGETALL")
            }
            fields[name] = value
        }
        return fields
    }

    /// Sets fields and returns how many are new. (`HSET`)
    @discardableResult
    public func set(
        fields: [String: RedisArgument], of key: String, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> Int {
        if fields.isEmpty { return 0 }
        var arguments: [RedisArgument] = [.text(key)]
        for (name, value) in fields { arguments += [.text(name), value] }
        return Int(
            try integer(try await perform(RedisCommand("HSET", arguments, .integer), deadline: deadline), of: "HSET"))
    }

    /// Deletes fields and returns how many there were. (`HDEL`)
    @discardableResult
    public func delete(
        fields: [String], of key: String, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> Int {
        if fields.isEmpty { return 0 }
        let command = RedisCommand("HDEL", [.text(key)] + fields.map(RedisArgument.text), .integer)
        return Int(try integer(try await perform(command, deadline: deadline), of: "HDEL"))
    }

    /// Adds to a decimal field, 0 when it does not exist, and returns the sum. (`HINCRBY`)
    @discardableResult
    public func increment(
        field: String, of key: String, by amount: Int64, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> Int64 {
        let command = RedisCommand("HINCRBY", [.text(key), .text(field), .integer(amount)], .integer)
        return try integer(try await perform(command, deadline: deadline), of: "HINCRBY")
    }
}
