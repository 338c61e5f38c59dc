import ArgumentParser
import Chaos

struct GuardianCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guardian", abstract: "Heals a fleet whose controller died.", shouldDisplay: false)
}
