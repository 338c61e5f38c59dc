/// Turns replies into the types that commands return.
extension RedisClient {
    func optionalBytes(_ reply: RedisValue, of command: String) throws(RedisError) -> [UInt8]? {
        switch reply {
        case .bulk(let bytes): return bytes
        case .null: return nil
        default: throw unexpected(reply, of: command)
        }
    }

    func integer(_ reply: RedisValue, of command: String) throws(RedisError) -> Int64 {
        guard case .integer(let value) = reply else { throw unexpected(reply, of: command) }
        return value
    }

    /// The server has run the command, so its effect is not known to be absent.
    func unexpected(_ reply: RedisValue, of command: String) -> RedisError {
        RedisError(.unknown, .unexpectedReply("\(command) answered \(reply.kind)"), node: endpoint.name)
    }

    /// A lifetime in whole milliseconds, rounded up.
    func milliseconds(_ lifetime: Duration) throws(RedisError) -> Int64 {
        guard lifetime > .zero, lifetime < .seconds(3_155_760_000) else {
            throw RedisError(
                .notSent, .refused("a lifetime of \(lifetime); it must be positive and under a century"),
                node: endpoint.name)
        }
        let (seconds, attoseconds) = lifetime.components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        return seconds * 1000 + (attoseconds + perMillisecond - 1) / perMillisecond
    }
}
