import Logging

/// Writes each log message as one line of JSON: `time`, `level`, `message`, the server's name, and the metadata.
public struct JSONLogHandler: LogHandler {
    /// Events below it are dropped.
    public var logLevel: Logger.Level
    /// Goes with every event.
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let server: String
    private let sink: LogSink
    private let wallClock: @Sendable () -> Timestamp

    /// Makes a handler that writes to a sink.
    public init(
        label: String, server: String, level: Logger.Level, sink: LogSink,
        wallClock: @escaping @Sendable () -> Timestamp
    ) {
        self.label = label
        self.server = server
        self.sink = sink
        self.wallClock = wallClock
        logLevel = level
    }

    /// One of the values that go with every event.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an event as one line of JSON.
    public func log(event: LogEvent) {
        var json = JSONWriter()
        json.object { json in
            json.member("time", wallClock().description)
            json.member("level", event.level.rawValue)
            json.member("server", server)
            json.member("logger", label)
            json.member("message", event.message.description)
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) { json.member(key, value.description) }
        }
        sink.write(Array(json.buffer.readableBytesView))
    }
}
