/// Where one Redis server listens and how to log in to it.
public struct RedisEndpoint: Sendable, Hashable {
    /// How a server is reached.
    public enum Address: Sendable, Hashable {
        /// An IP address or host name, and a port.
        case tcp(host: String, port: Int)
        /// The path of a Unix domain socket.
        case unixSocket(path: String)
    }

    /// The node's name, as errors, logs and breakers say it (`cache`, `lock-0`).
    public var name: String
    /// Where it listens.
    public var address: Address
    /// The ACL user, or nil for the default user.
    public var username: String?
    /// The password, or nil when the server asks for none. Never printed.
    public var password: String?
    /// The logical database selected after connecting.
    public var database: Int

    /// Makes an endpoint.
    public init(
        name: String, address: Address, username: String? = nil, password: String? = nil, database: Int = 0
    ) {
        self.name = name
        self.address = address
        self.username = username
        self.password = password
        self.database = database
    }

    /// Makes an endpoint.
    public init(
        name: String, host: String, port: Int, username: String? = nil, password: String? = nil, database: Int = 0
    ) {
        self.init(
            name: name, address: .tcp(host: host, port: port), username: username, password: password,
            database: database)
    }
}

extension RedisEndpoint: CustomStringConvertible, CustomReflectable {
    /// `name@address`, without user and password.
    public var description: String { "\(name)@\(address)" }

    /// Keeps the password out of dumps.
    public var customMirror: Mirror {
        Mirror(self, children: ["name": name, "address": "\(address)", "database": database])
    }
}

extension RedisEndpoint.Address: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}

extension RedisEndpoint {
    /// The commands by which a new connection logs in, before any other.
    var logIn: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password {
            commands.append(RedisCommand("AUTH", (username.map { [.text($0)] } ?? []) + [.text(password)]))
        }
        if database != 0 { commands.append(RedisCommand("SELECT", [.integer(Int64(database))])) }
        return commands
    }
}
