import SystemPackage

/// The text of a node's `redis.conf`.
enum RedisConfiguration {
    /// Set for every node of a fleet; a topology's own `settings` win.
    static let defaults: [String: String] = [
        "appendonly": "no",
        "save": "",
        "databases": "1",
        "maxmemory": "64mb",
    ]

    static func text(settings: [String: String], directory: FilePath, socket: FilePath) -> String {
        var all = defaults.merging(settings) { $1 }
        all["port"] = "0"
        all["unixsocket"] = socket.string
        all["unixsocketperm"] = "777"
        all["dir"] = directory.string
        all["daemonize"] = "no"
        all["protected-mode"] = "no"
        return all.sorted { $0.key < $1.key }.map { "\($0.key) \(quoted($0.value))\n" }.joined()
    }

    /// Redis takes double quotes with backslash escapes; several words may also stand bare, as in `save 60 1000`.
    private static func quoted(_ value: String) -> String {
        value.isEmpty || value.contains("\"") ? "\"" + value.replacing("\"", with: "\\\"") + "\"" : value
    }
}
