import Resilience

/// Whether this server can do its work, and why not.
struct Readiness: Sendable {
    var reasons: [String] = []
    /// By dependency: the position of its breaker.
    var breakers: [(name: String, phase: CircuitBreakerPhase)] = []
    /// By replica: how old its data is, in seconds.
    var replicas: [(name: String, lagSeconds: Double)] = []
    /// The map that the server goes by, and where it has it from.
    var shardMap: (version: Int, origin: String) = (0, "none")
    /// Calls that wait for a slot.
    var queueDepth = 0

    var isReady: Bool { reasons.isEmpty }
}

extension Readiness: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("ready", isReady)
            json.name("reasons")
            json.array(reasons)
            json.name("breakers")
            json.object { json in
                for breaker in breakers { json.member(breaker.name, breaker.phase.rawValue) }
            }
            json.name("replicas")
            json.object { json in
                for replica in replicas { json.member(replica.name, replica.lagSeconds) }
            }
            json.name("shardMap")
            json.object { json in
                json.member("version", shardMap.version)
                json.member("from", shardMap.origin)
            }
            json.member("queueDepth", queueDepth)
        }
    }
}
