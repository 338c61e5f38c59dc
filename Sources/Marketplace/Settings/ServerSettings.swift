import Logging

/// How the server itself runs.
public struct ServerSettings: Sendable, Hashable {
    /// The name of this server among its siblings, as logs and metrics say it.
    public var name = "server"
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// 0 takes any free port; it is logged, and written to the port file if one is named.
    public var port = 8080
    /// Events below it are not logged.
    public var logLevel = Logger.Level.info
    /// Whether every request is logged.
    public var accessLog = true
    /// Whether answers say in Server-Timing who served them.
    public var serverTiming = true
    /// How long a server that was told to stop still takes new requests while readiness says no.
    public var drain = Duration.milliseconds(1000)
    /// How long all of stopping may take; then the process ends with what is left undone.
    public var shutdownDeadline = Duration.milliseconds(8000)

    /// The defaults.
    public init() {}

    init(_ reader: inout SettingsReader) {
        name = reader.text("SERVER_NAME", default: name, unit: "name", "this server's name in logs and metrics")
        host = reader.text("HOST", default: host, unit: "address", "address to listen on")
        port = reader.integer(
            "PORT", default: port, in: 0...65_535, unit: "port", "to listen on; 0 takes a free one")
        let level = reader.text("LOG_LEVEL", default: logLevel.rawValue, unit: "name", "trace, debug, info, … critical")
        if let known = Logger.Level(rawValue: level) {
            logLevel = known
        } else {
            reader.complain("LOG_LEVEL is '\(level.prefix(40))': use trace, debug, info, notice, warning or error.")
        }
        accessLog = reader.flag("ACCESS_LOG", default: accessLog, "log every request")
        serverTiming = reader.flag("SERVER_TIMING", default: serverTiming, "tell the serving nodes in Server-Timing")
        drain = reader.duration(
            "SHUTDOWN_DRAIN_MS", default: 1000, in: 0...60_000, "new requests are still taken this long after SIGTERM")
        shutdownDeadline = reader.duration("SHUTDOWN_DEADLINE_MS", default: 8000, "all of stopping may take this long")
    }
}
