import ArgumentParser
import Chaos

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tells nodes, links and faults of a fleet, as they are now.")

    @OptionGroup var flags: FleetFlags

    func run() async throws {
        try await FleetVerb.run {
            let status = try await FleetSweep.status(fleet: flags.fleet)
            FleetVerb.say(flags.json ? try status.json() : Self.text(status))
        }
    }

    static func text(_ status: FleetStatus) -> String {
        var lines = ["fleet \(status.fleet) (\(status.runtime.rawValue))"]
        let width = status.nodes.map(\.name.count).max() ?? 0
        for node in status.nodes {
            let name = node.name.padding(to: width)
            let identity = node.pid.map { "pid \($0)" } ?? node.container.map { "container \($0.prefix(12))" } ?? ""
            let role = (node.role ?? "-").padding(to: 8)
            lines.append(
                "  \(name)  \(node.state.rawValue.padding(to: 12))  \(role)  \(node.address ?? "-")  \(identity)")
        }
        let bent = status.links.filter { !$0.toxics.isEmpty }
        lines.append("  \(status.links.count) links\(bent.isEmpty ? ", none bent" : ", bent:")")
        lines += bent.map { "    \($0.name): \($0.toxics.joined(separator: ", "))" }
        for fault in status.faults {
            let force = fault.verified ? "in force" : "NOT in force"
            lines.append("  fault \(fault.id): \(fault.fault) on \(fault.target), \(force)")
        }
        if status.faults.isEmpty { lines.append("  nothing is broken") }
        return lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
