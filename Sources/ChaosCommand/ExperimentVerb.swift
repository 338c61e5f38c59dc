import ArgumentParser
import Chaos
import SystemPackage

/// What the verbs on experiment files share.
enum ExperimentVerb {
    /// As ``FleetVerb/run(_:)``, where a file that cannot be understood is the caller's to mend.
    static func run(_ body: () async throws -> Void) async throws {
        try await FleetVerb.run {
            do { try await body() } catch let error as ExperimentReader.Failure {
                throw FleetError.usage(error.description)
            } catch is CancellationError {
                throw FleetError.failed("interrupted; everything is healed and removed")
            }
        }
    }

    /// Reads all files.
    /// - Throws: every problem of every file at once.
    static func read(_ paths: [String], topology: Topology) throws(ExperimentReader.Failure) -> [Experiment] {
        let reader = ExperimentReader(topology: topology)
        var experiments: [Experiment] = []
        var problems: [DocumentProblem] = []
        for path in paths {
            do { experiments.append(try reader.read(FilePath(path))) } catch { problems += error.problems }
        }
        if !problems.isEmpty { throw ExperimentReader.Failure(problems: problems) }
        return experiments
    }
}
