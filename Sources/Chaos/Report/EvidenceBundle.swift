import Foundation
import SystemPackage

/// The directory that holds all evidence of one run: `store/<scenario>/<time>/`.
public struct EvidenceBundle: Sendable {
    /// Everything lies in here.
    public let directory: FilePath

    /// Names a bundle that exists or is to be made.
    public init(directory: FilePath) { self.directory = directory }

    /// What was done, in the Chaos Toolkit's shape.
    public var journal: FilePath { directory.appending("journal.json") }
    /// Every operation and fault, one event a line.
    public var history: FilePath { directory.appending("history.jsonl") }
    /// What was found.
    public var results: FilePath { directory.appending("results.json") }
    /// Samples of the services' metrics, one a line.
    public var metrics: FilePath { directory.appending("metrics.jsonl") }
    /// The page to read.
    public var report: FilePath { directory.appending("report.html") }
    /// The verdicts for a CI server.
    public var junit: FilePath { directory.appending("junit.xml") }
    /// The command that does it again.
    public var reproduction: FilePath { directory.appending("repro.sh") }
    /// The nodes' logs.
    public var logs: FilePath { directory.appending("logs") }

    /// Makes the directory.
    /// - Parameters:
    ///   - store: where all bundles live.
    ///   - scenario: the experiment's name.
    ///   - seconds: the wall clock, since 1970.
    /// - Throws: a sentence that names the directory which could not be made.
    public static func create(store: FilePath, scenario: String, seconds: Double) throws -> EvidenceBundle {
        let time = Date(timeIntervalSince1970: seconds).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: false).dateSeparator(.omitted)
                .timeSeparator(.omitted))
        let scenarioDirectory = store.appending(scenario)
        var directory = scenarioDirectory.appending(time)
        for number in 2...1_000 where FileManager.default.fileExists(atPath: directory.string) {
            directory = scenarioDirectory.appending("\(time)-\(number)")
        }
        let bundle = EvidenceBundle(directory: directory)
        do {
            try FileManager.default.createDirectory(atPath: bundle.logs.string, withIntermediateDirectories: true)
        } catch {
            throw Failure(
                "cannot make \(bundle.logs): choose another place with --report (\(error.localizedDescription))")
        }
        return bundle
    }

    /// Points `latest`, beside the directory, at it. Not before it is written: a run that found nothing out leaves
    /// `latest` at the one before it.
    public func becomeLatest() {
        guard let name = directory.lastComponent?.string else { return }
        let latest = directory.removingLastComponent().appending("latest").string
        try? FileManager.default.removeItem(atPath: latest)
        try? FileManager.default.createSymbolicLink(atPath: latest, withDestinationPath: name)
    }

    /// Writes one file, whole or not at all.
    public func write(_ text: String, to path: FilePath) throws {
        do {
            try text.write(toFile: path.string, atomically: true, encoding: .utf8)
        } catch {
            throw Failure("cannot write \(path): \(error.localizedDescription)")
        }
    }

    /// A bundle that cannot be made, written or read.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
        init(_ description: String) { self.description = description }
    }
}
