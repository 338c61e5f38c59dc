/// Delays every byte that the server of a link sends back.
struct LatencyFault: FaultMechanism {
    static let summary = FaultSummary(
        name: .latency, effect: "delays every byte that a link's server sends back",
        targets: "a link (server-0:cache), every link to a node (*:cache, or cache)",
        parameters: [
            .init(name: "latency", standard: nil, meaning: "delay of each byte, 1ms to 60s"),
            .init(name: "jitter", standard: "0ms", meaning: "a uniform draw of up to this much more or less"),
        ])

    let links: [Link]
    let latency: Duration
    let jitter: Duration

    init(_ fault: Fault, on target: FaultTarget, in topology: Topology) throws(FleetError) {
        links = try target.links(for: .latency, in: topology)
        latency = try fault.duration("latency", in: .milliseconds(1) ... .seconds(60))
        jitter = try fault.duration("jitter", standard: .zero, in: .zero ... .seconds(60))
        guard jitter <= latency else {
            throw .usage("latency: jitter=\(jitter) is more than latency=\(latency); a delay cannot be negative")
        }
    }

    func inject(_ id: String, at site: FleetSite) async throws {
        try await site.add(.latency(latency, jitter: jitter, name: Self.toxic(id)), to: links)
    }

    /// In force when the proxy lists the toxic and nothing comes back through the link sooner than the delay. No answer
    /// at all is not sooner.
    func look(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.look(links, toxics: [Self.toxic(id)], timeout: latency + jitter + .seconds(1)) { result in
            guard let nanoseconds = result.roundTripNanoseconds else { return true }
            return .nanoseconds(nanoseconds) >= latency - jitter
        }
    }

    func heal(_ id: String, at site: FleetSite) async throws {
        try await site.remove([Self.toxic(id)], from: links)
    }

    func lookHealed(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.lookClear(links, toxics: [Self.toxic(id)])
    }

    /// Named by the fault, so that two on one link are told apart and each heals its own.
    private static func toxic(_ id: String) -> String { "\(id)-latency" }
}
