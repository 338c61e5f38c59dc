import Foundation
import SystemPackage

/// What a killed Postgres leaves: lock files, a socket, and a System V shared memory segment, by which the next start
/// would notice that processes of the last one still live. It also takes one that has ended and that nobody has
/// collected for living (kill(2) finds it), and refuses to start. We know that none lives, so all of it goes.
enum PostgresLeftovers {
    static func remove(data: FilePath, socket: FilePath) {
        unlink(socket.string)
        unlink(socket.string + ".lock")
        let file = data.appending("postmaster.pid").string
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return }
        if let segment = segment(in: text) { shmctl(segment, IPC_RMID, nil) }
        unlink(file)
    }

    /// Line 7 of postmaster.pid is `key id` (pidfile.h, LOCK_FILE_LINE_SHMEM_KEY).
    static func segment(in text: String) -> Int32? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 7 else { return nil }
        return lines[6].split(separator: " ").last.flatMap { Int32($0) }
    }
}
