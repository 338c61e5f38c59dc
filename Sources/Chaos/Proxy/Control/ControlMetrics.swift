/// Prometheus text: Toxiproxy's two counters by their names, then ours
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
enum ControlMetrics {
    static func render(_ links: [ProxyLink]) -> String {
        let snapshots = links.map { (status: $0.status, counters: $0.meter.snapshot) }
        var text = ""
        for (name, value) in flowMetrics {
            text += "# TYPE \(name) counter\n"
            for (status, counters) in snapshots {
                for (direction, flow) in [("upstream", counters.upstream), ("downstream", counters.downstream)] {
                    text += "\(name){direction=\"\(direction)\",\(labels(status))} \(value(flow))\n"
                }
            }
        }
        for (name, kind, value) in linkMetrics {
            text += "# TYPE \(name) \(kind)\n"
            for (status, counters) in snapshots {
                text += "\(name){\(labels(status))} \(value(counters))\n"
            }
        }
        return text
    }

    private static let flowMetrics: [(String, @Sendable (LinkCounters.Stream) -> Int64)] = [
        ("toxiproxy_proxy_received_bytes_total", { $0.bytes }),
        ("toxiproxy_proxy_sent_bytes_total", { $0.delivered }),
        ("seaworthy_proxy_chunks_total", { $0.chunks }),
        ("seaworthy_proxy_chunks_under_toxic_total", { $0.chunksUnderToxic }),
    ]

    private static let linkMetrics: [(String, String, @Sendable (LinkCounters) -> Int64)] = [
        ("seaworthy_proxy_connections_total", "counter", { $0.connections }),
        ("seaworthy_proxy_connections_under_toxic_total", "counter", { $0.connectionsUnderToxic }),
        ("seaworthy_proxy_upstream_refusals_total", "counter", { $0.upstreamRefusals }),
        ("seaworthy_proxy_open_connections", "gauge", { $0.openConnections }),
    ]

    private static func labels(_ status: LinkStatus) -> String {
        [("proxy", status.name), ("listener", status.listen), ("upstream", status.upstream)]
            .map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

extension LinkCounters {
    var json: GoJSON {
        [
            "connections": .integer(connections), "openConnections": .integer(openConnections),
            "connectionsUnderToxic": .integer(connectionsUnderToxic), "upstreamRefusals": .integer(upstreamRefusals),
            "upstream": upstream.json, "downstream": downstream.json,
        ]
    }
}

extension LinkCounters.Stream {
    var json: GoJSON {
        [
            "bytes": .integer(bytes), "chunks": .integer(chunks), "chunksUnderToxic": .integer(chunksUnderToxic),
            "delivered": .integer(delivered),
        ]
    }
}
