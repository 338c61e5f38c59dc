import Foundation
import SystemPackage
import Testing

@testable import Chaos

@Suite("Which fleet serves which experiment") struct FleetLegTests {
    private func experiment(_ name: String, fault: String, target: String, durable: Bool = false) throws -> Experiment {
        try ExperimentReader(topology: Topology.bundled("standard")).read(
            text: """
                title: \(name)
                description: d
                method:
                  - {type: action, name: a, provider: {type: chaos, fault: \(fault), target: \(target), for: 3s}}
                extensions:
                  - name: seaworthy
                    durable: \(durable)
                    workload: [{type: session, rate: 10}]
                    expect: [{column: invariants, check: read-your-writes}]
                """, path: "\(name).yaml")
    }

    @Test("durable ones have a fleet of their own, and a promotion is the last thing that a fleet sees")
    func legs() throws {
        let legs = FleetLeg.split([
            try experiment("p0", fault: "promote", target: "shard-0"),
            try experiment("k", fault: "kill", target: "shard-1"),
            try experiment("d", fault: "promote", target: "shard-0", durable: true),
            try experiment("p1", fault: "promote", target: "shard-1"),
            try experiment("r", fault: "replay-pause", target: "shard-0-replica-*"),
        ])
        #expect(legs.map { $0.map(\.name) } == [["k", "r", "p0"], ["p1"], ["d"]])
        #expect(FleetLeg.split([]).isEmpty)
    }

    @Test("every bundled experiment is understood, and the whole run needs two fleets")
    func bundled() throws {
        let files = try Topology.bundled("standard")
        let directory = try #require(BundledFiles.find("Fixtures/experiments/calm.yaml")).removingLastComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.string)
            .filter { $0.hasSuffix(".yaml") && $0 != "calm.yaml" }
        let experiments = try names.sorted().map {
            try ExperimentReader(topology: files).read(directory.appending($0))
        }
        #expect(experiments.count >= 13)
        #expect(FleetLeg.split(experiments).count == 2)
    }
}
