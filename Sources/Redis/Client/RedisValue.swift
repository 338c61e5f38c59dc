/// One reply of the RESP2 protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/).
///
/// Strings are copies of their own, so that keeping one does not keep the network buffer it came in.
public enum RedisValue: Sendable, Hashable {
    case null
    case integer(Int64)
    /// A status such as `OK`.
    case status(String)
    case bulk([UInt8])
    case array([RedisValue])
    /// An error; at the top level it is thrown instead, inside arrays it stands here.
    case error(RedisServerError)
}

extension RedisValue {
    /// The bytes of a bulk string.
    public var bytes: [UInt8]? {
        if case .bulk(let bytes) = self { bytes } else { nil }
    }

    /// The text of a bulk string or a status; bytes that are not UTF-8 are repaired.
    public var string: String? {
        switch self {
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// An integer, also one that came as a decimal string.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .bulk, .status: string.flatMap { Int64($0) }
        default: nil
        }
    }

    /// The elements of an array; nil for other values.
    public var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// Whether there is nothing.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// What kind of reply it is, for messages that must not repeat the data.
    var kind: String {
        switch self {
        case .null: "null"
        case .integer: "an integer"
        case .status: "a status"
        case .bulk(let bytes): "a string of \(bytes.count) bytes"
        case .array(let elements): "an array of \(elements.count)"
        case .error(let error): "the error \(error.code)"
        }
    }
}
