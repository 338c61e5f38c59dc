import Foundation
import SystemPackage

/// Finds programs: the project's own next to the running one, others on PATH.
struct Executables: Sendable {
    var variables: [String: String]
    /// The running program's file.
    var running: String

    init(variables: [String: String], running: String = CommandLine.arguments.first ?? "") {
        self.variables = variables
        #if os(Linux)
            self.running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? running
        #else
            self.running = Bundle.main.executablePath ?? running
        #endif
    }

    /// `marketplace` or `chaos`: in the directory that SEAWORTHY_EXECUTABLES names, next to the running program (also
    /// when that is a test), on PATH, or built by SwiftPM below the working directory; any other name on PATH only; a
    /// path as it stands.
    func find(_ name: String) -> FilePath? {
        if name.contains("/") { return isExecutable(name) ? FilePath(absolute(name)) : nil }
        guard ["marketplace", "chaos"].contains(name) else { return onPath(name) }
        var places = variables["SEAWORTHY_EXECUTABLES"].map { [absolute($0)] } ?? []
        places.append(URL(fileURLWithPath: running).deletingLastPathComponent().path)
        places += (variables["PATH"] ?? "").split(separator: ":").map(String.init)
        places += [absolute(".build/debug"), absolute(".build/release")]
        return places.map { "\($0)/\(name)" }.first(where: isExecutable).map { FilePath($0) }
    }

    func onPath(_ name: String) -> FilePath? {
        let places = (variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return places.map { "\($0)/\(name)" }.first(where: isExecutable).map { FilePath($0) }
    }

    private func isExecutable(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
            && access(path, X_OK) == 0
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
