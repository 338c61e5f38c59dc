import NIOCore

/// Asks a Postgres server one question in the simple query protocol
/// (https://www.postgresql.org/docs/15/protocol-flow.html), as the fleet's superuser, trusted by its nodes.
struct PostgresProbe: Sendable {
    var endpoint: NodeEndpoint
    var environment: FleetEnvironment
    var limit = Duration.seconds(2)

    /// - Returns: rows of text columns.
    /// - Throws: when it cannot be reached, does not answer in time, or answers with an error.
    func query(_ sql: String, database: String = FleetDatabase.database) async throws -> [[String?]] {
        try await Conversation.with(endpoint, limit: limit, in: environment) { conversation in
            try await conversation.send(Self.startup(database: database))
            _ = try await Self.untilReady(&conversation)
            try await conversation.send(Self.message("Q", text: sql))
            let rows = try await Self.untilReady(&conversation)
            try await conversation.send(Self.message("X", text: nil))
            return rows
        }
    }

    private static func startup(database: String) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(UInt32(196_608))  // protocol 3.0
        for text in ["user", FleetDatabase.user, "database", database, "application_name", "seaworthy"] {
            body.writeNullTerminatedString(text)
        }
        body.writeInteger(UInt8(0))
        var message = ByteBuffer()
        message.writeInteger(UInt32(body.readableBytes + 4))
        message.writeBuffer(&body)
        return message
    }

    private static func message(_ type: Character, text: String?) -> ByteBuffer {
        var message = ByteBuffer(string: String(type))
        message.writeInteger(UInt32(4 + (text.map { $0.utf8.count + 1 } ?? 0)))
        if let text { message.writeNullTerminatedString(text) }
        return message
    }

    /// Collects rows up to ReadyForQuery; the error, if one came, is thrown then.
    private static func untilReady(_ conversation: inout Conversation) async throws -> [[String?]] {
        var rows: [[String?]] = []
        while true {
            var (type, body) = try await conversation.receive { buffer -> (UInt8, ByteBuffer)? in
                guard let type = buffer.readInteger(as: UInt8.self), let length = buffer.readInteger(as: UInt32.self),
                    length >= 4, let body = buffer.readSlice(length: Int(length) - 4)
                else { return nil }
                return (type, body)
            }
            switch type {
            case UInt8(ascii: "Z"): return rows
            case UInt8(ascii: "D"): rows.append(row(&body))
            case UInt8(ascii: "E"): throw FleetError.failed("Postgres says: \(errorText(&body))")
            case UInt8(ascii: "R"):
                guard body.readInteger(as: UInt32.self) == 0 else {
                    throw FleetError.failed("the server asks for a password; a fleet's own servers trust their links")
                }
            default: break
            }
        }
    }

    private static func row(_ body: inout ByteBuffer) -> [String?] {
        let count = body.readInteger(as: UInt16.self) ?? 0
        return (0..<count).map { _ in
            guard let length = body.readInteger(as: Int32.self), length >= 0 else { return nil }
            return body.readString(length: Int(length))
        }
    }

    /// Fields of one letter and a text; `M` is the message.
    private static func errorText(_ body: inout ByteBuffer) -> String {
        while let field = body.readInteger(as: UInt8.self), field != 0, let text = body.readNullTerminatedString() {
            if field == UInt8(ascii: "M") { return text }
        }
        return "an error without a message"
    }
}
