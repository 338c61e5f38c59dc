import Testing

@testable import Chaos

@Suite("Faults: what they accept")
struct FaultTests {
    private let topology = Topology(
        name: "t",
        nodes: [
            .init(name: "db", kind: .postgres), .init(name: "cache", kind: .redis),
            .init(name: "web", kind: .service, command: ["web"], connects: ["db", "cache"]),
        ])

    private func mechanism(_ fault: Fault, _ target: String) throws -> any FaultMechanism {
        try FaultCatalog.mechanism(fault, on: FaultTarget(target, in: topology), in: topology)
    }

    @Test("every kind has a mechanism that names it")
    func catalog() {
        #expect(Set(FaultCatalog.summaries.map(\.name)) == Set(FaultKind.allCases))
        #expect(FaultCatalog.summaries.count == FaultKind.allCases.count)
    }

    @Test("a node stands for every link to it")
    func links() throws {
        let all = try #require(mechanism(.partition, "cache") as? PartitionFault)
        #expect(Set(all.links.map(\.description)) == ["web:cache", "chaos:cache"])
        let star = try #require(mechanism(.partition, "*:cache") as? PartitionFault)
        #expect(star.links == all.links)
        let one = try #require(mechanism(.latency(.milliseconds(300)), "web:db") as? LatencyFault)
        #expect(one.links == [Link(client: "web", server: "db")])
        #expect(one.latency == .milliseconds(300))
    }

    @Test(
        "what does not fit is refused with what would",
        arguments: [
            (Fault.pause, "nix", "no node is named nix; there are db, cache, web"),
            (.pause, "web:db", "acts on a node"),
            (.pause, "a:b:c", "write NODE, CLIENT:SERVER or *:SERVER"),
            (.partition, "web:nix", "there is no link web:nix; there are web:db, web:cache"),
            (.partition, "web", "no link leads to web"),
            (Fault(.latency), "cache", "needs `latency`"),
            (Fault(.latency, parameters: ["latency": "soon"]), "cache", "no length of time"),
            (Fault(.latency, parameters: ["latency": "2h"]), "cache", "outside"),
            (Fault(.latency, parameters: ["latency": "1ms", "jitter": "2ms"]), "cache", "cannot be negative"),
            (Fault(.latency, parameters: ["delay": "1ms"]), "cache", "no parameter `delay`; it has latency, jitter"),
            (Fault(.kill, parameters: ["signal": "9"]), "cache", "no parameter `signal`; it has none"),
        ])
    func refuses(fault: Fault, target: String, message: String) {
        let error = #expect(throws: FleetError.self) { try mechanism(fault, target) }
        #expect("\(error!)".contains(message), "\(error!)")
        #expect(error?.exitCode == 64)
    }

    @Test("an unknown fault is answered with those there are")
    func unknown() {
        let error = #expect(throws: FleetError.self) { try FaultCatalog.kind("flood") }
        #expect("\(error!)".contains("pause, kill, latency, partition"))
    }

    @Test(
        "lengths of time",
        arguments: [
            ("300ms", Duration.milliseconds(300)), ("1.5s", .milliseconds(1_500)), ("2m", .seconds(120)),
            ("1h", .seconds(3_600)),
        ])
    func durations(text: String, duration: Duration) {
        #expect(Duration(text: text) == duration)
    }

    @Test("other texts are none", arguments: ["", "5", "ms", "-1s", "infs", "nans", "1 year"])
    func noDuration(text: String) {
        #expect(Duration(text: text) == nil)
    }
}
