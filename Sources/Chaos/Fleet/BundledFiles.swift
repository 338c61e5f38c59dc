import Foundation
import SystemPackage

/// Finds the files that come with the project (Fixtures/).
public enum BundledFiles {
    /// Looks above the working directory, then above the running program; at most eight directories up each.
    public static func find(_ path: String) -> FilePath? {
        let program = Executables(variables: [:]).running
        let starts = [FileManager.default.currentDirectoryPath, URL(fileURLWithPath: program).path]
        for start in starts {
            var directory = FilePath(start)
            for _ in 0..<8 {
                let candidate = directory.pushing(FilePath(path))
                if FileManager.default.fileExists(atPath: candidate.string) { return candidate }
                guard directory.removeLastComponent() else { break }
            }
        }
        return nil
    }
}
