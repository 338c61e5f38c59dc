import NIOCore

/// A command and its arguments. Arguments are sent as counted bytes, so nothing in them needs escaping.
public struct RedisCommand: Sendable, Hashable {
    /// The command's first word, in capitals.
    public let name: String
    /// After the name, in order.
    public let arguments: [RedisArgument]
    /// What its reply must look like.
    let shape: ReplyShape

    /// Commands that change the connection itself or answer other than once do not belong on shared, pipelined
    /// connections; ``RedisClient/send(_:deadline:)`` refuses them.
    public init(_ name: String, _ arguments: [RedisArgument] = []) {
        self.name = name
        self.arguments = arguments
        shape = .any
    }

    /// A command of this client's own, known to be safe to share a connection.
    init(_ name: String, _ arguments: [RedisArgument], _ shape: ReplyShape) {
        self.name = name
        self.arguments = arguments
        self.shape = shape
    }

    /// Makes a command by name, for those without a function of their own.
    public init(_ name: String, _ arguments: RedisArgument...) {
        self.init(name, arguments)
    }

    /// Why this command cannot go over a connection that others share, or nil when it can.
    var objection: String? {
        let name = name.uppercased()
        if Self.unshareable.contains(name) {
            return "\(name) changes or blocks a connection that others share"
        }
        if name == "CLIENT", case .text(let word) = arguments.first, word.uppercased() == "REPLY" {
            return "CLIENT REPLY takes the answers from commands of others"
        }
        return nil
    }

    private static let unshareable: Set<String> = [
        "ASKING", "AUTH", "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH", "BZMPOP", "BZPOPMAX", "BZPOPMIN",
        "DISCARD", "EXEC", "HELLO", "MONITOR", "MULTI", "PSUBSCRIBE", "PSYNC", "PUNSUBSCRIBE", "QUIT", "RESET",
        "SELECT", "SHUTDOWN", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WAIT",
        "WAITAOF", "WATCH", "XREAD", "XREADGROUP",
    ]
}

/// One argument of a command.
public enum RedisArgument: Sendable, Hashable {
    case text(String)
    case bytes([UInt8])
    case buffer(ByteBuffer)
    /// Sent in decimal.
    case integer(Int64)

    /// No fewer bytes than the argument takes.
    var maximumByteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .buffer(let buffer): buffer.readableBytes
        case .integer: 20
        }
    }
}

extension RedisArgument: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    public init(stringLiteral value: String) { self = .text(value) }

    public init(integerLiteral value: Int64) { self = .integer(value) }
}
