import Foundation
import SystemPackage
import Testing

@testable import Chaos

extension FleetsOfRealServers {
    @Suite("The bundle of a run on real servers")
    struct BundleTests {
        private func run(
            _ topology: Topology, _ experiments: [Experiment], store: FilePath
        ) async throws -> ExperimentRun.Outcome {
            let leg = FleetLeg(
                experiments, open: { try await Fleet.start(topology, options: TestFleets.options()) },
                close: { try await $0.stop() })
            return try await ExperimentRun(
                scenario: "a", experiments: experiments, seed: 7, store: store, command: "chaos run a.yaml"
            ).perform([leg])
        }

        @Test("logs/ holds the log of every node, and `latest` leads there once the fleet is gone")
        func logs() async throws {
            try await TestFleets.withDirectory { store in
                let outcome = try await run(TestFleets.small, [], store: store)
                #expect(outcome.endFailure == nil)
                TestFleets.expectNothingLeft(outcome.results.surroundings.fleet)
                let latest = EvidenceBundle(directory: store.appending("a").appending("latest"))
                for node in TestFleets.small.nodes {
                    let log = latest.logs.appending(node.name).appending("\(node.name).log")
                    let text = try String(contentsOfFile: log.string, encoding: .utf8)
                    #expect(text.lowercased().contains("ready to accept"), "\(node.name): \(text)")
                }
                #expect(FileManager.default.fileExists(atPath: latest.report.string))
            }
        }

        @Test("an experiment that cannot be carried out is no run that held, and its bundle says why")
        func cannotBeCarriedOut() async throws {
            let experiment = try ExperimentReader(topology: TestFleets.tiny).read(
                text: """
                    title: t
                    description: d
                    method: []
                    extensions:
                      - name: seaworthy
                        workload: [{type: browse, rate: 1}]
                        expect: [{column: invariants, check: no-double-order}]
                    """, path: "t.yaml")
            try await TestFleets.withDirectory { store in
                await #expect(throws: CatalogueReader.Failure.self) {
                    try await run(TestFleets.tiny, [experiment], store: store)
                }
                let latest = EvidenceBundle(directory: store.appending("a").appending("latest"))
                let results = try RunResults.read(latest.results)
                #expect(results.verdict == .unknown && results.experiments.isEmpty)
                #expect(results.failure?.contains("tiny has no service") == true)
            }
        }
    }
}
