/// Who answered the reads: a cache, or which node of the database. Shows a failover as a change of colour.
struct ServingLane: Lane {
    let title = "Reads served by"
    let subtitle = "share"
    let height = 72.0
    /// Names in drawing order; each has a colour of its own.
    let servers: [String]
    /// Reads of each bucket by name.
    let counts: [[String: Int]]

    /// More than these share the last colour.
    static let maximumServers = 7

    init(operations: [Operation], group: PostgresGroup?, axis: TimeAxis) {
        let known = group.map(\.nodes) ?? []
        func name(_ operation: Operation) -> String {
            guard let node = operation.node else { return "cache" }
            return known.isEmpty || known.contains(node) ? node : "other shards"
        }
        var counts = [[String: Int]](repeating: [:], count: axis.buckets.count)
        var totals: [String: Int] = [:]
        for operation in operations where operation.isRead && operation.outcome == .ok {
            guard let bucket = axis.bucket(of: operation.start) else { continue }
            counts[bucket][name(operation), default: 0] += 1
            totals[name(operation), default: 0] += 1
        }
        let nodes = totals.keys.filter { $0 != "cache" && $0 != "other shards" }.sorted()
        servers = (["cache"] + nodes + ["other shards"]).filter { totals[$0] != nil }
        self.counts = counts
    }

    func color(_ server: String) -> Int {
        min(servers.firstIndex(of: server) ?? 0, Self.maximumServers - 1)
    }

    func draw(into drawing: inout Drawing, top: Double, axis: TimeAxis) {
        tick("100 %", y: top, into: &drawing)
        tick("0", y: top + height, into: &drawing)
        for (range, count) in zip(axis.buckets, counts) {
            let total = Double(count.values.reduce(0, +))
            guard total > 0 else { continue }
            let (left, right) = (axis.x(range.lowerBound), axis.x(range.upperBound))
            var base = 0.0
            for server in servers {
                let length = height * Double(count[server] ?? 0) / total
                guard length > 0 else { continue }
                drawing.rectangle(
                    x: left + 0.4, y: top + height - base - length, width: right - left - 0.8, height: length,
                    class: "serving s\(color(server))")
                base += length
            }
        }
    }
}
