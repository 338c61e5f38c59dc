import Foundation
import SystemPackage

/// Looks for what fleets need on this machine.
public enum Doctor {
    /// What was found.
    public struct Examination: Sendable, Codable {
        /// What was looked at, in order.
        public var findings: [Finding]
        /// Runtimes whose needs are all met.
        public var runtimes: [RuntimeKind]
    }

    /// One thing needed.
    public struct Finding: Sendable, Codable {
        /// What was looked for.
        public var what: String
        /// Whether it is there and works.
        public var isWell: Bool
        /// Where it is, or what to do.
        public var says: String
        /// The runtimes that need it.
        public var neededBy: [RuntimeKind]
    }

    /// Looks for everything that a fleet needs.
    public static func examine(environment: FleetEnvironment = .live) async -> Examination {
        let executables = Executables(variables: environment.variables)
        var findings = [await postgres(executables, environment)]
        findings.append(
            program("redis-server", executables, advice: "apt-get install redis-server, or brew install redis"))
        if geteuid() == 0 {
            findings.append(program("setpriv", executables, advice: "apt-get install util-linux"))
        }
        for name in ["chaos", "marketplace"] {
            var finding = program(name, executables, advice: "swift build")
            finding.neededBy = RuntimeKind.allCases
            findings.append(finding)
        }
        findings.append(root())
        findings += await RuntimeCatalog.dockerFindings(environment)
        let runtimes = RuntimeKind.allCases.filter { kind in
            findings.filter { $0.neededBy.contains(kind) }.allSatisfy(\.isWell)
        }
        return Examination(findings: findings, runtimes: runtimes)
    }

    private static func postgres(_ executables: Executables, _ environment: FleetEnvironment) async -> Finding {
        do {
            let programs = try await PostgresPrograms.find(
                executables, scratch: FilePath(NSTemporaryDirectory()), environment: environment)
            return Finding(
                what: "postgres", isWell: true, says: "\(programs.version) in \(programs.directory)",
                neededBy: [.process])
        } catch {
            return Finding(what: "postgres", isWell: false, says: "\(error)", neededBy: [.process])
        }
    }

    private static func program(_ name: String, _ executables: Executables, advice: String) -> Finding {
        let path = executables.find(name)
        return Finding(
            what: name, isWell: path != nil, says: path?.string ?? "not found: \(advice)", neededBy: [.process])
    }

    private static func root() -> Finding {
        do {
            let root = try FleetDirectory.prepared(FleetDirectory.root)
            return Finding(what: "directory", isWell: true, says: root.string, neededBy: RuntimeKind.allCases)
        } catch {
            return Finding(what: "directory", isWell: false, says: "\(error)", neededBy: RuntimeKind.allCases)
        }
    }
}
