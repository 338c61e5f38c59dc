import Foundation
import SystemPackage

/// Whom data nodes run as when we are root: Postgres refuses root, and Redis has no need of it.
struct ServiceUser: Sendable {
    var name: String
    var userID: uid_t
    var groupID: gid_t

    /// Nil when we are not root. The distribution's `postgres`, else `nobody`.
    static func needed() throws(FleetError) -> ServiceUser? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) {
                return ServiceUser(name: name, userID: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
            }
        }
        throw .failed("Postgres refuses to run as root, and there is neither a user postgres nor nobody: add one")
    }

    /// setpriv (util-linux) becomes the program itself, so that the pid is the node's.
    func wrapping(_ program: String, _ arguments: [String]) -> (String, [String]) {
        #if os(Linux)
            let identity = ["--reuid=\(userID)", "--regid=\(groupID)", "--init-groups", "--"]
            return ("setpriv", identity + [program] + arguments)
        #else
            return ("sudo", ["-u", name, "--", program] + arguments)
        #endif
    }

    func own(_ path: FilePath) {
        chown(path.string, userID, groupID)
    }
}
