import ArgumentParser
import Chaos
import Dispatch
import Foundation
import Logging
import SystemPackage

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy", abstract: "Runs the TCP proxy, with the control API of Toxiproxy.")

    @Option(help: "Port of the control API; 0 lets the system choose.")
    var port: UInt16 = 8474
    @Option(help: "Address the control API listens on.")
    var host = "127.0.0.1"
    @Option(help: "JSON list of links: {name, listen, upstream}.")
    var config: String?
    @Option(help: "File to write, atomically, once every link listens: {control, links, pid}.")
    var readyFile: String?
    @Option(help: "Seed of jitter and toxicity.")
    var seed: UInt64 = 42

    func run() async throws {
        // Before anything listens, so that an early signal ends it in order too.
        let signals = TerminationSignals()
        let logger = Logger(label: "chaos.proxy") { StreamLogHandler.standardError(label: $0) }
        do {
            let links =
                try config.map { path throws(ProxyFileError) in try LinkConfiguration.load(FilePath(path)) } ?? []
            let server = try await ProxyServer(
                control: HostPort(host: host, port: Int(port)), links: links, seed: seed, logger: logger)
            if let readyFile {
                try server.ready(pid: ProcessInfo.processInfo.processIdentifier).write(to: FilePath(readyFile))
            }
            logger.info("listening", metadata: ["control": "\(server.control)", "links": "\(links.count)"])
            await signals.first()
            await server.stop()
        } catch let error as ProxyFileError {
            try fail(error, code: 64)
        } catch let error as ProxyStartError {
            try fail(error, code: 70)
        }
    }

    private func fail(_ error: any Error, code: Int32) throws -> Never {
        FileHandle.standardError.write(Data("chaos proxy: \(error)\n".utf8))
        throw ExitCode(code)
    }
}

/// SIGTERM and SIGINT as something to wait for.
private struct TerminationSignals {
    private let stream: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    func first() async {
        for await _ in stream { return }
        withExtendedLifetime(sources) {}
    }
}
