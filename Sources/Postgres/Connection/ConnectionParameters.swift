/// What each use of a connection asks of the server, as libpq's connection parameters.
enum ConnectionRole: Sendable {
    /// Point reads of many callers: read only, so that no write can ever share their Sync.
    case reads
    /// One caller's work at a time.
    case pool
}

extension PostgresEndpoint {
    func parameters(_ role: ConnectionRole, _ address: HostAddress, _ settings: PostgresSettings)
        -> [(keyword: String, value: String)]
    {
        var options: [String]
        switch role {
        case .reads:
            options = [
                "-c default_transaction_read_only=on",
                "-c statement_timeout=\(settings.readStatementTimeout.wholeMilliseconds)",
            ]
        case .pool:
            options = ["-c idle_in_transaction_session_timeout=\(settings.idleInTransactionTimeout.wholeMilliseconds)"]
        }
        options.append("-c client_min_messages=warning")
        var list: [(keyword: String, value: String)] = [
            ("port", String(port)), ("user", user), ("dbname", database), ("application_name", applicationName),
            ("client_encoding", "UTF8"), ("sslmode", tls.rawValue), ("gssencmode", "disable"),
            ("options", options.joined(separator: " ")),
        ]
        if let password { list.append(("password", password)) }
        switch address {
        case .socketDirectory(let path): list.append(("host", path))
        case .addresses(let addresses):
            // The name is still needed to check a certificate, once for each address.
            list.append(("host", addresses.map { _ in host }.joined(separator: ",")))
            list.append(("hostaddr", addresses.joined(separator: ",")))
        }
        return list
    }
}

extension Duration {
    /// Rounded down, and at least 1: to Postgres 0 means no limit.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
