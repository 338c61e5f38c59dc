import NIOCore

/// Whether a node can do its work, and in which role.
struct NodeProbe: Sendable {
    var node: Topology.Node
    var endpoint: NodeEndpoint
    var environment: FleetEnvironment
    var limit = Duration.seconds(2)

    /// The node's role now: `primary`, `replica`, `redis` or `service`.
    /// - Throws: why it is not ready.
    func role() async throws -> String {
        switch node.kind {
        case .postgres: try await postgresRole()
        case .redis: try await redisRole()
        case .service: try await serviceRole()
        }
    }

    private func postgresRole() async throws -> String {
        let sql = """
            SELECT pg_is_in_recovery(), \
            EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')
            """
        let row = try await PostgresProbe(endpoint: endpoint, environment: environment, limit: limit).query(sql).first
        guard row?.first == "t" else { return "primary" }
        guard row?.last == "t" else { throw FleetError.failed("it does not stream from its primary yet") }
        return "replica"
    }

    private func redisRole() async throws -> String {
        let answer = try await Conversation.with(endpoint, limit: limit, in: environment) { conversation in
            try await conversation.send(ByteBuffer(string: "*1\r\n$4\r\nPING\r\n"))
            return try await conversation.receive(Self.line)
        }
        guard answer == "+PONG" else { throw FleetError.failed("Redis answers \(answer)") }
        return "redis"
    }

    private func serviceRole() async throws -> String {
        let request = node.health.map {
            "GET \($0) HTTP/1.1\r\nHost: \(node.name)\r\nConnection: close\r\nUser-Agent: seaworthy\r\n\r\n"
        }
        let answer = try await Conversation.with(endpoint, limit: limit, in: environment) { conversation in
            guard let request else { return "HTTP/1.1 200" }
            try await conversation.send(ByteBuffer(string: request))
            return try await conversation.receive(Self.line)
        }
        guard answer.split(separator: " ").dropFirst().first == "200" else {
            throw FleetError.failed("\(node.health ?? "") answers \(answer)")
        }
        return "service"
    }

    private static func line(_ buffer: inout ByteBuffer) -> String? {
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        return buffer.readString(length: end - buffer.readerIndex + 1)?.split(whereSeparator: \.isNewline).first
            .map(String.init) ?? ""
    }
}
