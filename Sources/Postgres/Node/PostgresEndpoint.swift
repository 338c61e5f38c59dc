/// Where one Postgres server listens and how to log in.
public struct PostgresEndpoint: Sendable, Hashable {
    /// The node's name, used in errors, logs and metrics.
    public var name: String
    /// An IP address, the directory of a Unix socket (it begins with `/`), or a host name.
    public var host: String
    /// Also names the socket within a directory.
    public var port: Int
    /// The role.
    public var user: String
    /// Nil when the server asks for none.
    public var password: String?
    /// The database.
    public var database: String
    /// Shown in `pg_stat_activity`.
    public var applicationName: String
    /// Whether the connection is encrypted.
    public var tls: TLSMode

    /// libpq's `sslmode`.
    public enum TLSMode: String, Sendable, Hashable {
        case disable
        /// Encrypted, whoever the server is.
        case require
        /// Encrypted, and the certificate must be signed by a known authority and name the host.
        case verifyFull = "verify-full"
    }

    /// Makes an endpoint.
    public init(
        name: String, host: String, port: Int = 5432, user: String, password: String? = nil, database: String,
        applicationName: String = "seaworthy", tls: TLSMode = .disable
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
        self.applicationName = applicationName
        self.tls = tls
    }
}

/// Never shows the password.
extension PostgresEndpoint: CustomStringConvertible {
    public var description: String { "\(name) (\(user)@\(host):\(port)/\(database))" }
}
