import Foundation
import SystemPackage
import Testing

@testable import Chaos

@Suite struct ExperimentReaderTests {
    static let topology: Topology = {
        let shards = (0..<2).flatMap { shard in
            [Topology.Node(name: "shard-\(shard)-primary", kind: .postgres)]
                + (0..<2).map {
                    Topology.Node(
                        name: "shard-\(shard)-replica-\($0)", kind: .postgres, replicaOf: "shard-\(shard)-primary")
                }
        }
        let data = shards + [Topology.Node(name: "cache", kind: .redis)]
        let services = ["server-0", "server-1"].map {
            Topology.Node(name: $0, kind: .service, connects: data.map(\.name))
        }
        return Topology(name: "test", nodes: data + services)
    }()

    static let text = """
        version: 1.0.0
        title: A title
        description: What and why
        steady-state-hypothesis:
          title: well
          probes:
            - {type: probe, name: ready, tolerance: 200, provider: {type: http, url: "${server-0}/health/ready"}}
        method:
          - type: action
            name: slow
            provider: {type: chaos, fault: latency, target: "*:cache", latency: 300ms, for: 7s}
        extensions:
          - name: seaworthy
            row: cache slow
            not-applicable: [cart]
            workload:
              - {type: browse, rate: 300}
              - {type: order, rate: 60, double-click: 0.1, timeout: 2s}
            phases: {baseline: 5s, recovery: 4s}
            expect:
              - {column: reads, check: latency, class: reads, scope: "group:shard-0", p99: 100ms}
              - {column: invariants, check: no-double-order}
        """

    private func read(_ text: String) throws -> Experiment {
        try ExperimentReader(topology: Self.topology).read(text: text, path: "test.yaml")
    }

    @Test("everything of a file is understood")
    func understood() throws {
        let experiment = try read(Self.text)
        #expect(experiment.name == "test" && experiment.title == "A title")
        let step = try #require(experiment.faultStep)
        #expect(step.fault == .latency(.milliseconds(300)) && step.target == "*:cache" && step.duration == .seconds(7))
        #expect(experiment.plan.row == "cache slow" && experiment.plan.notApplicable == [.cart])
        let orders = Workload.order(rate: 60, doubleClick: 0.1, timeout: .seconds(2))
        #expect(experiment.plan.workload == .browse(rate: 300).and(orders))
        #expect(experiment.plan.phases == .init(baseline: .seconds(5), recovery: .seconds(4)))
        #expect(experiment.plan.patience == .seconds(15))
        let patient = try read(Self.text.replacing("row: cache slow", with: "patience: 1m"))
        #expect(patient.plan.patience == .seconds(60))
        #expect(experiment.plan.expectations.map(\.checkName) == ["latency", "no-double-order"])
    }

    @Test(
        "a mistake is told with its line, and what would be right",
        arguments: [
            ("fault: latency", "fault: explode", "test.yaml:11: /method/0/provider/fault there is no fault explode"),
            ("\"*:cache\"", "\"*:cash\"", "test.yaml:11: /method/0/provider/target no node is named cash"),
            ("\"*:cache\"", "\"cache:server-0\"", "there is no link cache:server-0"),
            ("\"*:cache\"", "cash", "no node is named cash; there are shard-0-primary"),
            ("for: 7s", "for: 1s", "too short to verify"),
            ("for: 7s", "for: soon", "must be a time such as 300ms or 8s"),
            ("rate: 300", "rate: lots", "test.yaml:17: /extensions/0/workload/0/rate must be a number"),
            ("rate: 300", "rate: 300, speed: 2", "`speed` is not known here"),
            ("type: browse", "type: surf", "must be browse, order, session or lists, not surf"),
            ("check: latency", "check: latenzy", "there is no check latenzy; there are no-double-order"),
            ("class: reads", "class: writes", "`class` must be one of all, reads, orders"),
            ("group:shard-0", "group:shard-7", "there is no Postgres group shard-7; there are shard-0, shard-1"),
            (", p99: 100ms", "", "`p99` is missing"),
            ("p99: 100ms", "p99: 100ms, p95: 1ms", "`p95` means nothing here"),
            ("check: no-double-order", "check: no-double-order, class: reads", "`class` means nothing here"),
            ("column: reads", "column: writes", "there is no column writes; there are reads"),
            ("tolerance: 200, ", "", "`tolerance` is missing"),
            ("type: http", "type: python", "must be http, process or chaos, not python"),
            ("name: seaworthy", "name: other", "has no entry with `name: seaworthy`"),
            ("title: A title", "titel: A title", "`titel` is not known here"),
            ("version: 1.0.0", "version: 9.0.0", "this release reads 1.0.0"),
            ("row: cache slow", "patience: long", "/extensions/0/patience must be a time such as 300ms or 8s"),
        ])
    func mistakes(good: String, bad: String, message: String) {
        let text = Self.text.replacing(good, with: bad)
        #expect(text != Self.text)
        let error = #expect(throws: ExperimentReader.Failure.self) { try read(text) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test("two faults in one experiment are refused")
    func twoFaults() {
        let step = """
              - {type: action, name: more, provider: {type: chaos, fault: kill, target: cache, for: 7s}}
            extensions:
            """
        let error = #expect(throws: ExperimentReader.Failure.self) {
            try read(Self.text.replacing("extensions:", with: step))
        }
        #expect(error?.description.contains("make it 2 experiments") == true, "\(String(describing: error))")
    }

    @Test("broken YAML and broken JSON are refused", arguments: ["a.yaml", "a.json"])
    func syntax(path: String) {
        #expect(throws: ExperimentReader.Failure.self) {
            try ExperimentReader(topology: Self.topology).read(text: "{ a: [", path: path)
        }
    }

    @Test("the bundled experiments fit the bundled topology, and each names its row")
    func bundled() throws {
        let directory = try #require(BundledFiles.find("Fixtures/experiments"))
        let reader = ExperimentReader(topology: try Topology.bundled("standard"))
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.string).sorted()
        #expect(files.count >= 6)
        for file in files {
            let experiment = try reader.read(directory.appending(file))
            #expect(experiment.plan.row != nil)
            #expect(!experiment.plan.expectations.isEmpty)
        }
    }

    @Test("tolerances accept what the Chaos Toolkit's do")
    func tolerances() throws {
        let ready = Tolerance.Result(
            code: 200, body: #"{"ready":true,"breakers":{"shard-0-primary":"closed"},"n":[7]}"#)
        let path = try #require(JSONPathStep.parse("$.breakers['shard-0-primary']"))
        let accepted: [Tolerance] = [
            .equals(200), .equals(true), .equals("closed"), .oneOf([201, 200]), .regex("read[yi]", target: "body"),
            .range(200...299, target: "status"), .jsonPath(path, expected: ["closed"]), .jsonPath(path, expected: []),
            .jsonPath(try #require(JSONPathStep.parse("$.n[0]")), expected: [7]),
        ]
        for tolerance in accepted { #expect(tolerance.accepts(ready), "\(tolerance)") }
        let refused: [Tolerance] = [
            .equals(503), .equals(false), .equals("open"), .oneOf([1, 2]), .regex("^ready", target: "body"),
            .range(300...399, target: "status"), .jsonPath(path, expected: ["open"]),
            .jsonPath([.member("nothing")], expected: []),
        ]
        for tolerance in refused { #expect(!tolerance.accepts(ready), "\(tolerance)") }
        #expect(JSONPathStep.parse("$..a") == nil && JSONPathStep.parse("$[?(@.x)]") == nil)
    }

    @Test("the exit code of several verdicts is the gravest")
    func exitCodes() {
        #expect(RunVerdict.of([.held, .held]).exitCode == 0)
        #expect(RunVerdict.of([.unknown, .unsteady, .broken]).exitCode == 1)
        #expect(RunVerdict.of([.unknown, .unsteady]).exitCode == 3)
        #expect(RunVerdict.of([.held, .unknown]).exitCode == 2)
    }
}
