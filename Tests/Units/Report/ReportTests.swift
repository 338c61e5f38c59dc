import Foundation
import SystemPackage
import Testing

@testable import Chaos

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct ReportTests {
    private static func results(of run: SyntheticRun) throws -> (RunResults, ExperimentResult) {
        let experiment = try ExperimentReader(topology: ExperimentReaderTests.topology)
            .read(text: ExperimentReaderTests.text, path: "pause replica.yaml")
        let recorded = run.run
        let evidence = Evidence(recorded)
        let checks: [(ContractColumn, any Checker)] = [
            (.reads, Unaffected(Selection(.reads))), (.order, Unaffected(Selection(.orders))),
            (.also, BreakerOpens(dependency: "shard-0-replica-0")), (.invariants, NoDoubleOrder()),
            (.recovery, Recovers()),
        ]
        let found = checks.map {
            ExperimentResult.Check(
                expectation: Experiment.Expectation(column: $0.0, check: $0.1),
                finding: evidence.judge($0.1, recorded))
        }
        let verdicts = found.map(\.finding.verdict)
        let result = ExperimentResult(
            experiment: experiment,
            verdict: verdicts.contains(.broken) ? .broken : verdicts.contains(.unknown) ? .unknown : .held,
            run: recorded, evidence: evidence, checks: found, activities: [], rollbacks: [],
            span: 0..<20 * SyntheticRun.second)
        let results = RunResults(
            scenario: "pause <replica>",
            surroundings: RunResults.Surroundings(
                fleet: "standard-1", topology: "standard", runtime: "process", seed: 7,
                variables: ["FEATURE_IDEMPOTENCY": "false"], command: "chaos run 'pause replica.yaml' --seed 7",
                start: 1_700_000_000, seconds: 20),
            results: [result])
        return (results, result)
    }

    private static func broken() -> SyntheticRun {
        var run = SyntheticRun()
        run.calm()
        run.looks(openAfter: 3 * SyntheticRun.second)
        run.order("<script>alert(1)</script>", id: "first", at: 7 * SyntheticRun.second)
        run.order("<script>alert(1)</script>", id: "second", at: 7 * SyntheticRun.second)
        for number in 0..<120 {
            run.add(
                "product", at: 6 * SyntheticRun.second + Int64(number) * 8_000_000, taking: 200_000_000,
                number % 2 == 0 ? .fail : .info, value: ["status": 504, "code": "outcome_unknown"])
        }
        run.books()
        return run
    }

    @Test("the page needs nothing but itself, names the breach and the command, and stays small")
    func page() throws {
        let run = Self.broken()
        let (results, _) = try Self.results(of: run)
        let html = try ReportPage(results: results, history: run.history, metrics: run.metrics).html()
        let forbidden = ["src=", "<link", "@import", "<script>alert", "url(http", "fetch(", "{{"]
        #expect(forbidden.filter { html.contains($0) } == [])
        let needed = [
            "one order per idempotency key", "&lt;script&gt;alert(1)&lt;/script&gt;", "<h1>Broken</h1>",
            "FEATURE_IDEMPOTENCY=false chaos run &#39;pause replica.yaml&#39; --seed 7",
        ]
        #expect(needed.filter { !html.contains($0) } == [])
        #expect(html.utf8.count < 2_000_000, "\(html.utf8.count) bytes")
        let drawn = ["point ok", "point fail", "point info", "breaker open", "band verified", "serving s0"]
        #expect(drawn.filter { !html.contains("class=\"\($0)\"") } == [])
    }

    @Test("a long run is drawn by a sample that keeps every failure it can, and says so")
    func sample() {
        var run = SyntheticRun()
        run.calm()
        for number in 0..<300 {
            run.add("product", at: 8 * SyntheticRun.second + Int64(number), taking: 5, .fail)
        }
        let operations = run.run.operations.filter { $0.isRead || $0.isOrder }
        let sample = ScatterSample(operations)
        #expect(sample.points.count <= ScatterSample.maximumPoints)
        #expect(sample.points.count { $0.outcome == .fail } == 300)
        #expect(sample.note.contains("of \(operations.count) operations"))
    }

    @Test("a fault that lapsed is hatched where it did")
    func hatched() throws {
        var run = Self.broken()
        run.facts.injections[0].observations[4].inForce = false
        let (results, _) = try Self.results(of: run)
        let html = try ReportPage(results: results, history: run.history, metrics: run.metrics).html()
        let isHatched = html.contains("class=\"band doubtful\"")
        #expect(isHatched)
    }

    @Test("results are read back, and give the same page again")
    func again() throws {
        let directory = FilePath(
            FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID())").path)
        defer { try? FileManager.default.removeItem(atPath: directory.string) }
        let bundle = try EvidenceBundle.create(store: directory, scenario: "pause", seconds: 1_700_000_000)
        let run = Self.broken()
        let (results, _) = try Self.results(of: run)
        try bundle.write(results, history: run.history, metrics: run.metrics)
        let read = try RunResults.read(bundle.results)
        let html = try ReportPage(results: read, history: run.history, metrics: run.metrics).html()
        let isSame = html == (try String(contentsOfFile: bundle.report.string, encoding: .utf8))
        #expect(isSame)
        let latest = directory.appending("pause").appending("latest").appending("report.html")
        #expect(FileManager.default.fileExists(atPath: latest.string))
        let script = try String(contentsOfFile: bundle.reproduction.string, encoding: .utf8)
        #expect(script.contains("export FEATURE_IDEMPOTENCY=false\nchaos run"))
    }

    @Test("two runs in the same second have bundles of their own")
    func sameSecond() throws {
        let directory = FilePath(
            FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID())").path)
        defer { try? FileManager.default.removeItem(atPath: directory.string) }
        let first = try EvidenceBundle.create(store: directory, scenario: "a", seconds: 1_700_000_000)
        let second = try EvidenceBundle.create(store: directory, scenario: "a", seconds: 1_700_000_000)
        #expect(first.directory != second.directory)
    }

    @Test("junit.xml counts a breach as a failure and a doubt as an error, and is well-formed")
    func junit() throws {
        var run = Self.broken()
        run.facts.injections[0].observations[4].inForce = false
        let (results, _) = try Self.results(of: run)
        let text = JUnit.text(results)
        #expect(text.contains("failures=\"1\" errors=\"4\""), "\(text.prefix(600))")
        let parser = XMLParser(data: Data(text.utf8))
        #expect(parser.parse())
    }

    @Test("the journal has the Chaos Toolkit's keys, for the whole and for each experiment")
    func journal() throws {
        let (results, result) = try Self.results(of: Self.broken())
        let journal = Journal.json([result, result], run: results)
        for json in [journal, try #require(journal["experiments"]?[0])] {
            for key in ["status", "deviated", "start", "end", "duration", "steady_states", "run", "rollbacks"] {
                #expect(json[key] != nil, "\(key) is missing")
            }
        }
        #expect(journal["deviated"] == true)
    }

    @Test("the grid shows what does not apply and what nothing looked at")
    func grid() throws {
        let (results, _) = try Self.results(of: Self.broken())
        let grid = ContractGrid(results.experiments)
        #expect(grid.rows[0].cells == [.broken, .notApplicable, .held, .notChecked, .broken, .broken, .held])
        #expect(grid.text.contains("cache slow"))
        #expect(grid.text.contains("n/a"))
    }
}
