import ArgumentParser
import Chaos
import SystemPackage

struct GuardianCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guardian", abstract: "Heals a fleet whose controller died.", shouldDisplay: false)

    @Option(help: "The fleet's name.")
    var fleet: String

    @Option(help: "The directory that holds all fleets.")
    var root: String

    func run() async throws {
        try await GuardianProcess(name: fleet, root: FilePath(root)).run()
    }
}
