import ArgumentParser
import Chaos
import Foundation
import SystemPackage

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs experiments against one fleet and shows what held.",
        discussion: """
            Starts a fleet (or joins the one named with --fleet), runs the experiments in order, writes the bundle of \
            evidence and prints the contract grid. FEATURE_… and MARKETPLACE_… variables reach the services.
            Exit code: 0 held, 1 broken, 2 unknown, 3 steady state never reached, 64 usage, 70 internal.
            """)

    @Argument(help: "Experiment files, YAML or JSON.")
    var experiments: [String]

    @Option(help: "auto, docker or process.")
    var runtime = "auto"

    @Option(help: "Topology file; the standard one when left out.")
    var topology: String?

    @Option(help: "Decides when requests come and what they ask for; drawn, and printed, when left out.")
    var seed: UInt64?

    @Option(help: "Where bundles of evidence are kept.")
    var report = "store"

    @Option(help: "always, never or deviated.")
    var rollbackStrategy = "always"

    @Option(help: "Run against this fleet, which `chaos up` keeps, and leave it running.")
    var fleet: String?

    @Flag(help: "Print JSON at the end; progress goes to standard error.")
    var json = false

    func run() async throws {
        try await ExperimentVerb.run {
            guard let strategy = ExperimentRunner.RollbackStrategy(rawValue: rollbackStrategy) else {
                throw FleetError.usage("--rollback-strategy \(rollbackStrategy): it is always, never or deviated")
            }
            let environment = FleetEnvironment.live
            let steps = ProgressLines(environment, onStandardError: json)
            let legs = try await prepare(steps)
            let seed = self.seed ?? environment.random() % 1_000_000
            let run = ExperimentRun(
                scenario: scenario, experiments: legs.flatMap(\.experiments), seed: seed, store: FilePath(report),
                rollbackStrategy: strategy, command: command(seed: seed), environment: environment,
                progress: { steps.say($0) })
            let outcome = try await Self.perform(run, legs, steps)
            let exitCode = outcome.endFailure.map(FleetVerb.exitCode) ?? outcome.results.verdict.exitCode
            if json {
                try FleetVerb.say(json: RunSummary(outcome.results, in: outcome.bundle, exitCode: exitCode))
            } else {
                FleetVerb.say("\n\(ContractGrid(outcome.results.experiments).text)\n")
                FleetVerb.say("\(outcome.results.verdict.rawValue) · seed \(seed) · \(outcome.bundle.report)")
            }
            if let endFailure = outcome.endFailure { throw endFailure }
            if exitCode != 0 { throw ExitCode(exitCode) }
        }
    }

    /// Reads the files before anything is started; then says which fleets are needed for what.
    private func prepare(_ steps: ProgressLines) async throws -> [FleetLeg] {
        if let name = fleet {
            let joined = try await Fleet.attach(name)
            do {
                let experiments = try read(joined.topology)
                if !joined.topology.durable, let durable = experiments.first(where: \.plan.isDurable) {
                    throw FleetError.usage(
                        "\(durable.path) needs a durable fleet, and \(name) is none: leave out --fleet, or start one "
                            + "from a topology with `durable: true`")
                }
                return [FleetLeg(experiments, open: { joined }, close: { try await $0.detach() })]
            } catch {
                try? await joined.detach()
                throw error
            }
        }
        let topology = try topology.map { path throws(FleetError) in try Topology(file: FilePath(path)) }
        let chosen = try topology ?? .bundled("standard")
        let options = FleetOptions(runtime: try RuntimeKind.named(runtime), progress: { steps.say($0) })
        return FleetLeg.split(try read(chosen)).map { experiments in
            var topology = chosen
            if experiments.contains(where: \.plan.isDurable) { topology.durable = true }
            return FleetLeg(
                experiments, open: { [topology] in try await Fleet.start(topology, options: options) },
                close: { try await $0.stop() })
        }
    }

    private func read(_ topology: Topology) throws -> [Experiment] {
        try ExperimentVerb.read(experiments, topology: topology)
    }

    /// Runs until done, or until Ctrl-C: then what is broken is healed and the fleet removed.
    private static func perform(
        _ run: ExperimentRun, _ legs: [FleetLeg], _ steps: ProgressLines
    ) async throws -> ExperimentRun.Outcome {
        let interruption = Interruption()
        let work = Task { try await run.perform(legs) }
        let watch = Task {
            await interruption.wait()
            if !Task.isCancelled {
                steps.say("interrupted: healing and tidying up")
                work.cancel()
            }
        }
        let result = await work.result
        watch.cancel()
        return try result.get()
    }

    /// The experiment's name, or for several of them what they have in common.
    private var scenario: String {
        let names = experiments.map { FilePath($0).stem ?? "experiment" }
        return names.count == 1 ? names[0] : "experiments"
    }

    private func command(seed: UInt64) -> String {
        var words = ["chaos", "run"] + experiments + ["--seed", "\(seed)"]
        if runtime != "auto" { words += ["--runtime", runtime] }
        if let topology { words += ["--topology", topology] }
        if rollbackStrategy != "always" { words += ["--rollback-strategy", rollbackStrategy] }
        return words.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
    }
}

/// One line a step, with the time since the start.
struct ProgressLines: Sendable {
    private let start: ContinuousClock.Instant
    private let environment: FleetEnvironment
    private let onStandardError: Bool

    init(_ environment: FleetEnvironment, onStandardError: Bool) {
        self.environment = environment
        self.onStandardError = onStandardError
        start = environment.now()
    }

    func say(_ text: String) {
        let elapsed = start.duration(to: environment.now())
        let tenths = Int(elapsed.milliseconds / 100)
        let time = "\(tenths / 10).\(tenths % 10) s"
        let line = String(repeating: " ", count: max(0, 8 - time.count)) + time + "  " + text
        FleetVerb.say(line, to: onStandardError ? .standardError : .standardOutput)
    }
}
