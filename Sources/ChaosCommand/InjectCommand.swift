import ArgumentParser
import Chaos
import Foundation

struct InjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inject", abstract: "Breaks something, verifies it, and heals it at the end.",
        discussion: """
            Holds the fault until --for is over or Ctrl-C, then heals it and verifies again. Exit code 2 when the fault \
            was not in force all the time.
            """)

    @Argument(help: "A fault of `chaos faults`.")
    var fault: String

    @Argument(help: "A node (cache), a link (server-0:cache), or every link to a node (*:cache).")
    var target: String

    @Option(name: .customLong("set"), help: "A parameter, key=value; may be repeated.")
    var settings: [String] = []

    @Option(name: .customLong("for"), help: "How long, for example 10s.")
    var duration: String?

    @Flag(help: "Only check fault and target.")
    var dryRun = false

    @Flag(help: "Return once it is verified; --for or `chaos heal` ends it.")
    var detach = false

    @OptionGroup var flags: FleetFlags

    func run() async throws {
        try await FleetVerb.run {
            let fault = Fault(try FaultCatalog.kind(self.fault), parameters: try parameters())
            let duration = try duration.map { text throws(FleetError) in try Self.duration(text) }
            let fleet = try await Fleet.attach(flags.fleet)
            do { try await inflict(fault, in: fleet, duration: duration) } catch {
                try? await fleet.detach()
                throw error
            }
            try await fleet.detach()
        }
    }

    private func inflict(_ fault: Fault, in fleet: Fleet, duration: Duration?) async throws {
        let target = try fleet.target(self.target)
        try fleet.validate(fault, on: target)
        if dryRun { return FleetVerb.say("\(fault) on \(target) can be injected into \(fleet.name)") }
        // From here on a Ctrl-C heals first.
        let interruption = Interruption()
        let active = try await fleet.inject(fault, on: target, for: duration, isDetached: detach)
        let first = active.observations.last?.evidence ?? ""
        if !flags.json {
            FleetVerb.say(
                "\(active.id): \(fault) on \(target) \(active.isVerified ? "in force" : "NOT in force"): \(first)")
        }
        if !detach {
            if flags.json { FleetVerb.say("\(active.id)", to: .standardError) }
            await interruption.wait(limit: duration, sleep: fleet.context.environment.sleep)
            try await fleet.heal(active.id)
            if !flags.json { FleetVerb.say("\(active.id): healed: \(active.afterHeal?.evidence ?? "")") }
        }
        if flags.json { try FleetVerb.say(json: Report(active)) }
        if active.afterHeal?.inForce == true {
            throw FleetError.failed("\(active.id) was undone, but \(target) does not work yet")
        }
        if !active.isVerified {
            let lapse = active.observations.first { !$0.inForce }?.evidence ?? "it was never seen"
            FleetVerb.say("chaos: \(active.id) was not in force all the time: \(lapse)", to: .standardError)
            throw ExitCode(2)
        }
    }

    private func parameters() throws(FleetError) -> [String: String] {
        var parameters: [String: String] = [:]
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw .usage("--set \(setting) is not key=value") }
            parameters[parts[0]] = parts[1]
        }
        return parameters
    }

    private static func duration(_ text: String) throws(FleetError) -> Duration {
        guard let duration = Duration(text: text), duration > .zero else {
            throw .usage("--for \(text) is no length of time; write 500ms, 10s or 2m")
        }
        return duration
    }

    /// What `--json` prints.
    private struct Report: Encodable {
        var id: String
        var fault: String
        var target: String
        var verified: Bool
        var observations: [FaultObservation]
        var afterHeal: FaultObservation?

        init(_ active: ActiveFault) {
            id = active.id
            fault = active.fault.description
            target = active.target.description
            verified = active.isVerified
            observations = active.observations
            afterHeal = active.afterHeal
        }
    }
}
