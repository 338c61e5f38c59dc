import Foundation
import SystemPackage

/// A lock between processes, held on a file and let go by the kernel should its holder die (flock(2)).
struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Nil when another holds it.
    static func attempt(_ path: FilePath) throws(FleetError) -> FileLock? {
        let descriptor = open(path.string, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .failed("cannot open the lock file \(path): \(String(cString: strerror(errno)))")
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return FileLock(descriptor: descriptor) }
        close(descriptor)
        return nil
    }

    static func take(_ path: FilePath, limit: Duration, in environment: FleetEnvironment) async throws -> FileLock {
        let end = environment.now() + limit
        while environment.now() < end {
            if let lock = try attempt(path) { return lock }
            try await environment.sleep(.milliseconds(20))
        }
        throw FleetError.failed("another process has held \(path) for \(limit): see what it is doing, or end it")
    }

    borrowing func release() { flock(descriptor, LOCK_UN) }

    deinit { close(descriptor) }
}
