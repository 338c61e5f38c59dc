import Foundation
import SystemPackage

/// Whom a fleet's containers run as: ourselves, so that what they write below the fleet's directory can be removed;
/// or, when we are root, a number that is nobody's, since Postgres refuses root.
struct DockerUser: Sendable {
    let userID: uid_t
    let groupID: gid_t
    private let isForeign: Bool

    /// Above what distributions hand out, below what containers are mapped to.
    static let foreignID: uid_t = 31_015

    init() {
        isForeign = geteuid() == 0
        userID = isForeign ? Self.foreignID : geteuid()
        groupID = isForeign ? Self.foreignID : getegid()
    }

    /// For `docker run --user`.
    var argument: String { "\(userID):\(groupID)" }

    /// initdb and others want a name for the number they run as.
    var passwd: String { "seaworthy:x:\(userID):\(groupID):Seaworthy:/tmp:/bin/sh\n" }

    /// Hands a file or directory that we made to the containers.
    func own(_ path: FilePath) {
        if isForeign { chown(path.string, userID, groupID) }
    }
}
