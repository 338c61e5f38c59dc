import ArgumentParser
import Chaos

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tells what this machine has and lacks to run fleets.",
        discussion: "Exit code 70 when neither runtime can work.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await FleetVerb.run {
            let examination = await Doctor.examine()
            if json {
                try FleetVerb.say(json: examination)
            } else {
                for finding in examination.findings {
                    let mark = finding.isWell ? "ok     " : "missing"
                    FleetVerb.say("\(mark) \(finding.what): \(finding.says)")
                }
                let names = examination.runtimes.map(\.rawValue)
                FleetVerb.say(
                    names.isEmpty ? "no runtime can work" : "runtimes that can work: \(names.joined(separator: ", "))")
            }
            if examination.runtimes.isEmpty { throw ExitCode(70) }
        }
    }
}
