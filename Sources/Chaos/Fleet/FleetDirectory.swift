import Foundation
import SystemPackage

/// Where fleets live on this machine: `/tmp/seaworthy-UID`, or `SEAWORTHY_HOME`. Short, because the path of a Unix
/// socket has to stay under 108 bytes.
public enum FleetDirectory {
    /// Where this user's fleets live.
    public static var root: FilePath {
        if let home = ProcessInfo.processInfo.environment["SEAWORTHY_HOME"], !home.isEmpty { return FilePath(home) }
        return FilePath("/tmp/seaworthy-\(geteuid())")
    }

    /// Makes the root if it is not there, and gives its path without symbolic links: the kernel reports working
    /// directories so, and by them a fleet's processes are found.
    static func prepared(_ root: FilePath) throws(FleetError) -> FilePath {
        do {
            try FileManager.default.createDirectory(
                atPath: root.appending("fleets").string, withIntermediateDirectories: true)
        } catch {
            throw .failed("cannot create \(root) for fleets: \(error.localizedDescription); set SEAWORTHY_HOME")
        }
        guard let resolved = realpath(root.string, nil) else {
            throw .failed("cannot resolve \(root): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }

    /// The directory of the fleet with this name.
    public static func fleet(_ name: String, root: FilePath) -> FilePath {
        root.appending("fleets").appending(name)
    }

    static func ledger(_ name: String, root: FilePath) -> FilePath {
        fleet(name, root: root).appending("ledger.jsonl")
    }

    /// Names of the fleets there are, whole or left behind.
    public static func names(root: FilePath = root) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending("fleets").string)) ?? []
        return names.filter { Topology.isName($0, limit: Fleet.nameLimit) }.sorted()
    }

    /// The fleet that a verb means: the one named, or the only one there is.
    static func choose(_ name: String?, root: FilePath) throws(FleetError) -> String {
        let names = names(root: root)
        if let name {
            guard names.contains(name) else {
                let others = names.isEmpty ? "there is none" : "there are \(names.joined(separator: ", "))"
                throw .usage("no fleet is named \(name); \(others)")
            }
            return name
        }
        switch names.count {
        case 0: throw .usage("no fleet is running: start one with `chaos up`")
        case 1: return names[0]
        default: throw .usage("several fleets are running, choose one with --fleet: \(names.joined(separator: ", "))")
        }
    }
}
