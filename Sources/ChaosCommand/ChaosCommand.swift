import ArgumentParser
import Chaos

@main
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Breaks every dependency of a service for real, and shows what held.",
        version: ChaosVersion.current,
        subcommands: [
            DoctorCommand.self, FaultsCommand.self, UpCommand.self, StatusCommand.self, DownCommand.self,
            InjectCommand.self, HealCommand.self, RunCommand.self, ValidateCommand.self, ReportCommand.self,
            ProxyCommand.self, GuardianCommand.self,
        ])
}
