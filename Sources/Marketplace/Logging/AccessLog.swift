/// One line for each request.
struct AccessLog: Sendable {
    /// What the line says.
    struct Entry: Sendable {
        let requestID: String
        let method: String
        let path: String
        let route: String
        let status: Int
        let duration: Duration
        let trace: RequestTrace.Record
    }

    let server: String
    let sink: LogSink
    let wallClock: @Sendable () -> Timestamp

    func write(_ entry: Entry) {
        var json = JSONWriter()
        json.object { json in
            json.member("time", wallClock().description)
            json.member("level", "info")
            json.member("server", server)
            json.member("message", "request")
            json.member("requestId", entry.requestID)
            json.member("method", entry.method)
            json.member("path", String(entry.path.prefix(512)))
            json.member("route", entry.route)
            json.member("status", entry.status)
            json.member("milliseconds", (entry.duration.milliseconds * 1000).rounded() / 1000)
            if let cache = entry.trace.cache { json.member("cache", cache.rawValue) }
            if !entry.trace.databaseCalls.isEmpty {
                json.name("nodes")
                json.array(entry.trace.databaseCalls.map(\.node))
            }
            if let degraded = entry.trace.degraded { json.member("degraded", degraded) }
        }
        sink.write(Array(json.buffer.readableBytesView))
    }
}
