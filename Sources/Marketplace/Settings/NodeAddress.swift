/// Where one Postgres or Redis node listens, written `name@host:port`. The name is how logs, metrics, breakers and
/// answers call it.
public struct NodeAddress: Sendable, Hashable, LosslessStringConvertible {
    public let name: String
    /// A name, an IP address, the directory of a Postgres socket, or the path of a Redis socket.
    public let host: String
    /// 1 to 65535.
    public let port: Int

    /// Makes an address.
    public init(name: String, host: String, port: Int) {
        self.name = name
        self.host = host
        self.port = port
    }

    /// Reads `name@host:port`; nil when it is none.
    public init?(_ text: String) {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty, let colon = halves[1].lastIndex(of: ":"),
            let port = Int(halves[1][halves[1].index(after: colon)...]), (1...65_535).contains(port)
        else { return nil }
        let host = halves[1][..<colon]
        guard !host.isEmpty else { return nil }
        self.init(name: String(halves[0]), host: String(host), port: port)
    }

    public var description: String { "\(name)@\(host):\(port)" }

    /// Reads `a@h:1,b@h:2;c@h:3`: nodes separated by commas, shards by semicolons.
    /// - Throws: ``SettingsError`` that quotes what cannot be read.
    static func shards(_ text: String) throws(SettingsError) -> [[NodeAddress]] {
        var shards: [[NodeAddress]] = []
        for shard in text.split(separator: ";") { shards.append(try nodes(String(shard))) }
        let names = shards.joined().map(\.name)
        guard Set(names).count == names.count else {
            throw SettingsError(["MARKETPLACE_SHARDS names a node twice: \(text.prefix(400)). Give each its own name."])
        }
        return shards
    }

    static func nodes(_ text: String) throws(SettingsError) -> [NodeAddress] {
        var nodes: [NodeAddress] = []
        for part in text.split(separator: ",") {
            let trimmed = part.filter { !$0.isWhitespace }
            guard let node = NodeAddress(trimmed) else {
                throw SettingsError(["'\(trimmed.prefix(120))' is no node: write name@host:port."])
            }
            nodes.append(node)
        }
        return nodes
    }
}
