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
        bundle.becomeLatest()
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

    @Test("a run whose fleet does not start leaves `latest` at the run before")
    func fleetDoesNotStart() async throws {
        let store = FilePath(
            FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID())").path)
        defer { try? FileManager.default.removeItem(atPath: store.string) }
        let before = try EvidenceBundle.create(store: store, scenario: "a", seconds: 1_700_000_000)
        before.becomeLatest()
        let leg = FleetLeg([], open: { throw FleetError.failed("no fleet today") }, close: { _ in })
        let run = ExperimentRun(scenario: "a", experiments: [], seed: 7, store: store, command: "chaos run a.yaml")
        let error = await #expect(throws: FleetError.self) { try await run.perform([leg]) }
        #expect(error?.description == "no fleet today")
        let latest = store.appending("a").appending("latest").string
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: latest)
        #expect(target == before.directory.lastComponent?.string)
    }

    @Test("a run that was cut short held nothing as a whole, and page, journal and junit.xml say why")
    func cutShort() throws {
        let (whole, _) = try Self.results(of: Self.broken())
        let results = RunResults(
            scenario: "a", surroundings: whole.surroundings, results: [], failure: "the daemon <1> is gone")
        #expect(results.verdict == .unknown)
        let html = try ReportPage(results: results, history: [], metrics: []).html()
        let isSaid = html.contains("The run was cut short: the daemon &lt;1&gt; is gone")
        #expect(isSaid)
        #expect(Journal.json([], run: results)["status"] == "aborted")
        let text = JUnit.text(results)
        #expect(text.contains("tests=\"1\" failures=\"0\" errors=\"1\""), "\(text)")
        let isWellFormed = XMLParser(data: Data(text.utf8)).parse()
        #expect(isWellFormed)
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

    @Test("junit.xml fails for a steady state that was not reached, before or afterwards, though no check did")
    func junitSteadyState() throws {
        var (results, _) = try Self.results(of: Self.broken())
        results.experiments[0].checks = []
        results.experiments[0].complaints = ["server-0 is ready: 503"]
        results.experiments[0].steadyAfter = false
        let after = JUnit.text(results)
        #expect(after.contains("tests=\"1\" failures=\"1\" errors=\"0\""), "\(after)")
        #expect(after.contains("not reached again\">server-0 is ready: 503</failure>"), "\(after)")
        results.experiments[0].steadyBefore = false
        let before = JUnit.text(results)
        #expect(before.contains("tests=\"1\" failures=\"0\" errors=\"1\""), "\(before)")
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
