/// Lets nothing through a link in either direction: bytes are held, in order, and flow on at heal. Connections stay
/// open, as they do when a network drops every packet.
struct PartitionFault: FaultMechanism {
    static let summary = FaultSummary(
        name: .partition, effect: "holds every byte of a link, both ways, until heal; connections stay open",
        targets: "a link (server-0:cache), every link to a node (*:cache, or cache)", parameters: [])

    let links: [Link]
    /// How long nothing must come through to call a link cut.
    static let silence = Duration.milliseconds(300)

    init(_ fault: Fault, on target: FaultTarget, in topology: Topology) throws(FleetError) {
        links = try target.links(for: .partition, in: topology)
    }

    func inject(_ id: String, at site: FleetSite) async throws {
        for stream in ToxicStream.allCases {
            try await site.add(.stall(stream: stream, name: Self.toxic(id, stream)), to: links)
        }
    }

    func look(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.look(links, toxics: Self.toxics(id), timeout: Self.silence) { !$0.answered }
    }

    func heal(_ id: String, at site: FleetSite) async throws {
        try await site.remove(Self.toxics(id), from: links)
    }

    func lookHealed(_ id: String, at site: FleetSite) async -> FaultLook {
        await site.lookClear(links, toxics: Self.toxics(id))
    }

    private static func toxic(_ id: String, _ stream: ToxicStream) -> String { "\(id)-stall-\(stream.rawValue)" }

    private static func toxics(_ id: String) -> [String] { ToxicStream.allCases.map { toxic(id, $0) } }
}
