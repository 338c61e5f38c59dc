import Foundation
import SystemPackage
import Testing

@testable import Chaos

/// A mistake in an otherwise good experiment file.
struct ExperimentMistake: Sendable {
    var good: String
    var bad: String
    /// With the line and the place within the file.
    var message: String

    static let all = [
        ExperimentMistake(
            good: "fault: latency", bad: "fault: explode",
            message: ":11: /method/0/provider/fault there is no fault explode; there are pause, kill"),
        ExperimentMistake(
            good: "\"*:cache\"", bad: "\"*:cash\"",
            message: ":11: /method/0/provider/target no node is named cash; there are shard-0-primary"),
        ExperimentMistake(
            good: "check: latency", bad: "check: latenzy",
            message: ":21: /extensions/0/expect/0 there is no check latenzy; there are no-double-order"),
    ]
}

extension FleetsOfRealServers {
    @Suite("The verbs on experiment files")
    struct ExperimentVerbTests {
        static let root = FilePath(TestFleets.root.string + "-experiments")

        @Test(
            "what is wrong with an experiment is told with its line, exit code 64, and nothing is started",
            arguments: ["run", "validate"], ExperimentMistake.all)
        func mistake(verb: String, mistake: ExperimentMistake) async throws {
            try await TestFleets.withDirectory { directory in
                let file = directory.appending("a.yaml").string
                let text = ExperimentReaderTests.text.replacing(mistake.good, with: mistake.bad)
                try text.write(toFile: file, atomically: false, encoding: .utf8)
                let result = try await ChaosProgram.run([verb, file], root: Self.root)
                #expect(result.text.contains("chaos: \(file)\(mistake.message)"), "\(result.text)")
                #expect(result.status == 64)
                #expect(FleetDirectory.names(root: Self.root).isEmpty)
            }
        }

        @Test("an experiment file that is not there is named, exit code 64", arguments: ["run", "validate"])
        func missing(verb: String) async throws {
            let result = try await ChaosProgram.run([verb, "/no/such.yaml"], root: Self.root)
            #expect(result.text.contains("chaos: /no/such.yaml: cannot be read; check the path"), "\(result.text)")
            #expect(result.status == 64)
        }

        private struct Validation: Decodable {
            struct Entry: Decodable {
                var name: String
                var title: String
                var promises: Int
            }
            var experiments: [Entry]
            var problems: [DocumentProblem]
        }

        @Test("validate --json lists what it understood, or every problem of every file")
        func validation() async throws {
            try await TestFleets.withDirectory { directory in
                let good = directory.appending("good.yaml").string
                try ExperimentReaderTests.text.write(toFile: good, atomically: false, encoding: .utf8)
                let well = try await ChaosProgram.runApart(["validate", "--json", good], root: Self.root)
                #expect(well.status == 0 && well.errors.isEmpty, "\(well.errors)")
                let told = try JSONDecoder().decode(Validation.self, from: Data(well.output.utf8))
                #expect(told.experiments.map(\.name) == ["good"] && told.experiments.map(\.promises) == [2])
                #expect(told.experiments.map(\.title) == ["A title"] && told.problems.isEmpty)

                let bad = directory.appending("bad.yaml").string
                try ExperimentReaderTests.text.replacing("fault: latency", with: "fault: explode")
                    .write(toFile: bad, atomically: false, encoding: .utf8)
                let ill = try await ChaosProgram.runApart(
                    ["validate", "--json", good, bad, "/no/such.yaml"], root: Self.root)
                #expect(ill.status == 64 && ill.errors.contains("no fault explode"), "\(ill.errors)")
                let problems = try JSONDecoder().decode(Validation.self, from: Data(ill.output.utf8)).problems
                #expect(problems.map(\.path) == [bad, "/no/such.yaml"])
                #expect(problems.map(\.line) == [11, nil])
                #expect(problems.first?.pointer == "/method/0/provider/fault")
            }
        }

        @Test("a directory that holds no bundle, or half of one, is said to be none")
        func noBundle() async throws {
            try await TestFleets.withDirectory { directory in
                let results = directory.appending("results.json").string
                let empty = try await ChaosProgram.run(["report", directory.string], root: Self.root)
                #expect(empty.status == 64)
                #expect(empty.text.contains("\(results) cannot be read; a bundle is a directory"), "\(empty.text)")
                try "{}".write(toFile: results, atomically: false, encoding: .utf8)
                let other = try await ChaosProgram.run(["report", directory.string], root: Self.root)
                #expect(other.status == 64)
                #expect(other.text.contains("\(results) is no results.json of this release"), "\(other.text)")
            }
        }

        private struct Summary: Decodable {
            struct Outcome: Decodable, Equatable {
                var name: String
                var verdict: RunVerdict
            }
            var verdict: RunVerdict
            var exitCode: Int32?
            var seed: UInt64
            var bundle: String
            var report: String
            var experiments: [Outcome]

            init(_ text: String) throws { self = try JSONDecoder().decode(Summary.self, from: Data(text.utf8)) }
        }

        /// Its steady state is never reached, so that it needs no marketplace.
        private static let never = """
            title: never well
            description: d
            steady-state-hypothesis:
              title: well
              probes:
                - {type: probe, name: never, tolerance: 0, provider: {type: process, path: "false"}}
            method: []
            extensions:
              - name: seaworthy
                patience: 100ms
                workload: []
                expect: []
            """

        @Test("a steady state that is never reached is exit code 3; run --json and report --json tell it as one object")
        func neverSteady() async throws {
            try await TestFleets.withDirectory { directory in
                let experiment = directory.appending("never.yaml").string
                try Self.never.write(toFile: experiment, atomically: false, encoding: .utf8)
                let store = directory.appending("store")
                let topology = try TestFleets.write(TestFleets.tiny, in: directory)
                let run = try await ChaosProgram.runApart(
                    [
                        "run", experiment, "--json", "--runtime", "process", "--seed", "7", "--report", store.string,
                        "--topology", topology,
                    ], root: Self.root)
                #expect(run.status == 3, "\(run.errors)")
                #expect(run.errors.contains("the steady state was never reached, so nothing was broken: never?"))
                let told = try Summary(run.output)
                #expect(told.verdict == .unsteady && told.exitCode == 3 && told.seed == 7)
                #expect(told.experiments == [.init(name: "never", verdict: .unsteady)])
                #expect(told.bundle.hasPrefix(store.appending("never").string + "/"), "\(told.bundle)")
                #expect(FleetDirectory.names(root: Self.root).isEmpty)

                unlink(told.report)
                let again = try await ChaosProgram.runApart(["report", "--json", told.bundle], root: Self.root)
                #expect(again.status == 0, "\(again.errors)")
                let rendered = try Summary(again.output)
                #expect(rendered.verdict == .unsteady && rendered.exitCode == nil)
                #expect(rendered.report == told.report && rendered.experiments == told.experiments)
                #expect(FileManager.default.fileExists(atPath: told.report))
            }
        }
    }
}
