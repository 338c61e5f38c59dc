import Foundation
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
    /// With two groups.
    private let groups = Topology(
        name: "g",
        nodes: ["a", "b"].flatMap { group in
            [Topology.Node(name: "\(group)-primary", kind: .postgres)]
                + (0...1).map {
                    Topology.Node(name: "\(group)-replica-\($0)", kind: .postgres, replicaOf: "\(group)-primary")
                }
        })

    private func mechanism(_ fault: Fault, _ target: String) throws -> any FaultMechanism {
        try FaultCatalog.mechanism(fault, on: FaultTarget(target, in: topology), in: topology)
    }

    @Test("every kind has a mechanism that names it")
    func catalog() {
        #expect(Set(FaultCatalog.summaries.map(\.name)) == Set(FaultKind.allCases))
        #expect(FaultCatalog.summaries.count == FaultKind.allCases.count)
    }

    @Test("a group's name and a pattern stand for their nodes")
    func several() throws {
        let group = try FaultTarget("a", in: groups)
        #expect(group.nodes(in: groups) == ["a-primary", "a-replica-0", "a-replica-1"])
        let kill = try #require(
            FaultCatalog.mechanism(.kill, on: FaultTarget("b-replica-*", in: groups), in: groups) as? KillFault)
        #expect(kill.nodes == ["b-replica-0", "b-replica-1"])
        let cut = try #require(
            FaultCatalog.mechanism(.partition, on: FaultTarget("*:b", in: groups), in: groups) as? PartitionFault)
        #expect(Set(cut.links.map(\.server)) == ["b-primary", "b-replica-0", "b-replica-1"])
        let promote = try FaultCatalog.mechanism(
            .promote(after: .seconds(2)), on: FaultTarget("b-replica-1", in: groups), in: groups)
        #expect((promote as? PromoteFault)?.group.name == "b")
        #expect((promote as? PromoteFault)?.outage == .seconds(2))
    }

    @Test(
        "a pattern's stars stand for any characters",
        arguments: [
            ("a-*", "a-b", true), ("*", "a", true), ("a*c", "abc", true), ("a*c", "ac", true), ("a*a", "a", false),
            ("*-1", "b-1", true), ("a*b*c", "a-b-c", true), ("a*b*c", "a-c", false), ("a-*", "b-a-", false),
        ])
    func patterns(pattern: String, name: String, fits: Bool) {
        #expect(FaultTarget.fits(name, pattern) == fits)
    }

    @Test(
        "what fits no node, no replica or no one group is refused",
        arguments: [
            (Fault.kill, "c-*", "no node's name fits c-*; there are a-primary"),
            (.kill, "c", "no node is named c"), (.kill, "c", "for all nodes of a Postgres group: a, b"),
            (.replayPause, "a-primary", "starts as none; there are a-replica-0, a-replica-1, b-replica-0"),
            (.replayPause, "a", "a-primary starts as none"), (.replayPause, "*:a-primary", "acts on a node"),
            (.promote(), "*-replica-0", "acts on one Postgres group"),
            (Fault(.promote, parameters: ["after": "2m"]), "a", "outside"),
        ])
    func refusesGroups(fault: Fault, target: String, message: String) {
        let error = #expect(throws: FleetError.self) {
            try FaultCatalog.mechanism(fault, on: FaultTarget(target, in: groups), in: groups)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test("a target is written to the ledger and read again")
    func coded() throws {
        for text in ["a", "a-replica-*", "a-primary", "a-primary:a-replica-0", "*:a"] {
            let target = try FaultTarget(text, in: groups)
            let data = try JSONEncoder().encode(target)
            #expect(try JSONDecoder().decode(FaultTarget.self, from: data) == target)
            #expect(target.description == text)
        }
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
            (.pause, "a:b:c", "write NODE, GROUP, PATTERN-*, CLIENT:SERVER or *:SERVER"),
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
