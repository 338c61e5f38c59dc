import Foundation
import SystemPackage

/// Where fleets live on this machine: `/tmp/seaworthy-UID`, or `SEAWORTHY_HOME`. Short, because the path of a Unix
/// socket has to stay under 108 bytes.
public enum FleetDirectory {
    public static var root: FilePath {
        if let home = ProcessInfo.processInfo.environment["SEAWORTHY_HOME"], !home.isEmpty { return FilePath(home) }
        return FilePath("/tmp/seaworthy-\(geteuid())")
    }

    /// The directory of the fleet with this name.
    public static func fleet(_ name: String, root: FilePath) -> FilePath {
        root.appending("fleets").appending(name)
    }
}
