import Foundation

/// A container's control group, read and written past the docker daemon: it tells whether the processes stand, whether
/// they have run, and lets them go on or ends them when the daemon is dead. Linux only; elsewhere nothing is found.
///
/// Both hierarchies are known, and both of docker's drivers
/// (https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html, …/cgroup-v2.html).
struct DockerCgroup: Sendable {
    private let freezer: String?
    private let isUnified: Bool
    private let accounting: String?

    /// - Parameters:
    ///   - container: its full id.
    ///   - root: where control groups are mounted.
    init(container: String, root: String = "/sys/fs/cgroup") {
        let names = ["docker/\(container)", "system.slice/docker-\(container).scope"]
        func directory(_ hierarchies: [String], having file: String) -> String? {
            hierarchies.flatMap { hierarchy in names.map { "\(root)/\(hierarchy)\($0)" } }
                .first { FileManager.default.fileExists(atPath: "\($0)/\(file)") }
        }
        // The old hierarchies first: where both are mounted, docker uses those.
        if let old = directory(["freezer/"], having: "freezer.state") {
            isUnified = false
            freezer = old
            accounting = directory(["cpuacct/", "cpu,cpuacct/"], having: "cpuacct.usage")
        } else {
            isUnified = true
            freezer = directory([""], having: "cgroup.freeze")
            accounting = freezer
        }
    }

    /// Whether it can be seen here: while the container runs, and where the kernel shows this daemon's containers.
    var isFound: Bool { freezer != nil }

    /// What the kernel says of the container; nil when it says nothing: not found, or on its way in or out.
    var state: NodeState? {
        guard !processes.isEmpty else { return nil }
        return isFrozen.map { $0 ? .paused : .running }
    }

    /// Whether the processes stand; nil when the control group cannot be found.
    var isFrozen: Bool? {
        guard let freezer else { return nil }
        if isUnified { return read("\(freezer)/cgroup.events")?.contains("frozen 1") }
        return read("\(freezer)/freezer.state") == "FROZEN"
    }

    /// Processor time used so far, in the kernel's own words; it grows whenever a process of the group runs.
    var usage: String? {
        guard let accounting else { return nil }
        if isUnified { return read("\(accounting)/cpu.stat")?.split(separator: "\n").first.map(String.init) }
        return read("\(accounting)/cpuacct.usage")
    }

    /// Pids, as this machine counts them.
    var processes: [Int32] {
        guard let freezer else { return [] }
        return read("\(freezer)/cgroup.procs")?.split(separator: "\n").compactMap { Int32($0) } ?? []
    }

    /// Lets the processes go on. Safe when they run.
    func thaw() { set(frozen: false) }

    /// Makes the processes stand. Safe when they do.
    func freeze() { set(frozen: true) }

    /// Ends every process: frozen ones take the signal when they are thawed.
    func end() {
        for pid in processes {
            kill(pid, SIGKILL)
        }
        thaw()
    }

    private func set(frozen: Bool) {
        guard let freezer else { return }
        if isUnified {
            write(frozen ? "1" : "0", to: "\(freezer)/cgroup.freeze")
        } else {
            write(frozen ? "FROZEN" : "THAWED", to: "\(freezer)/freezer.state")
        }
    }

    private func read(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func write(_ text: String, to path: String) {
        // Not atomically: these files cannot be replaced.
        guard let file = FileHandle(forWritingAtPath: path) else { return }
        try? file.write(contentsOf: Data(text.utf8))
        try? file.close()
    }
}
