import ArgumentParser
import Dispatch
import Foundation
import Marketplace

/// `marketplace serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the API until SIGTERM or SIGINT.")

    @OptionGroup var options: SettingsOptions

    @Option(name: .long, help: "Port to listen on; 0 takes a free one.")
    var port: Int?

    @Option(name: .long, help: "File that gets the bound port, written whole once the server listens.")
    var portFile: String?

    @Flag(name: .long, help: "Switch every feature off.")
    var baseline = false

    @Flag(name: .long, help: "List every setting with its value, default, unit and source, and end.")
    var helpSettings = false

    func run() async throws {
        try await reporting {
            var flags: [String: String] = [:]
            if let port { flags["PORT"] = String(port) }
            if baseline {
                for feature in Features.Feature.allCases { flags[feature.variable] = "false" }
            }
            let settings = try await options.settings(flags: flags)
            if helpSettings { return print(settings.listing) }
            try await serve(settings)
        }
    }

    private func serve(_ settings: Settings) async throws {
        let metrics = MarketplaceMetrics()
        let sink = LogSink(dropped: metrics.droppedLogLines)
        let marketplace = try Marketplace.build(settings: settings, logSink: sink, metrics: metrics)
        // A handler that is stuck for good must not hold the process: it ends a second after the deadline of stopping.
        let last = settings.server.shutdownDeadline + .seconds(1)
        marketplace.drain.onStart {
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(last / .milliseconds(1)))) {
                sink.flush()
                Foundation.exit(0)
            }
        }
        defer { sink.flush() }
        do {
            try await marketplace.run { port in
                marketplace.logger.notice("listening", metadata: ["port": "\(port)", "version": "\(Version.current)"])
                if let portFile { write(port, to: portFile) }
            }
        } catch {
            if let refusal = ListenError(error, settings: settings.server) { throw refusal }
            throw error
        }
        marketplace.logger.notice("stopped")
    }

    /// Under another name first, so that nobody reads half of it.
    private func write(_ port: Int, to path: String) {
        do {
            try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            fail("the port file \(path) cannot be written: \(error)", .usage)
        }
    }
}
