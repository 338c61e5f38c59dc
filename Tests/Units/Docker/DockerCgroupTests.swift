import Foundation
import Testing

@testable import Chaos

@Suite("Docker control groups")
struct DockerCgroupTests {
    private static func root(_ files: [String: String]) throws -> String {
        let root = "/tmp/swt-cgroup-\(UInt32.random(in: 0 ... .max))"
        for (path, text) in files {
            let file = URL(filePath: "\(root)/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return root
    }

    @Test("the old hierarchy, docker's own driver; it wins where both are mounted")
    func old() throws {
        let root = try Self.root([
            "freezer/docker/abc/freezer.state": "FROZEN\n", "freezer/docker/abc/cgroup.procs": "12\n34\n",
            "cpuacct/docker/abc/cpuacct.usage": "991\n", "unified/docker/abc/cgroup.freeze": "0\n",
            "unified/docker/abc/cgroup.events": "populated 1\nfrozen 0\n",
        ])
        defer { try? FileManager.default.removeItem(atPath: root) }
        let group = DockerCgroup(container: "abc", root: root)
        #expect(group.isFrozen == true)
        #expect(group.usage == "991")
        #expect(group.processes == [12, 34])
        group.thaw()
        #expect(
            try String(contentsOfFile: "\(root)/freezer/docker/abc/freezer.state", encoding: .utf8).hasPrefix("THAWED"))
    }

    @Test("the unified hierarchy, systemd's driver")
    func unified() throws {
        let place = "system.slice/docker-abc.scope"
        let root = try Self.root([
            "\(place)/cgroup.freeze": "1\n", "\(place)/cgroup.events": "populated 1\nfrozen 1\n",
            "\(place)/cpu.stat": "usage_usec 7\nuser_usec 3\n",
        ])
        defer { try? FileManager.default.removeItem(atPath: root) }
        let group = DockerCgroup(container: "abc", root: root)
        #expect(group.isFrozen == true)
        #expect(group.usage == "usage_usec 7")
        group.thaw()
        #expect(try String(contentsOfFile: "\(root)/\(place)/cgroup.freeze", encoding: .utf8).hasPrefix("0"))
    }

    @Test("the kernel says what runs and what stands, and nothing of what comes, goes or is not there")
    func state() throws {
        let root = try Self.root([
            "freezer/docker/running/freezer.state": "THAWED\n", "freezer/docker/running/cgroup.procs": "12\n",
            "freezer/docker/frozen/freezer.state": "FROZEN\n", "freezer/docker/frozen/cgroup.procs": "34\n",
            "freezer/docker/leaving/freezer.state": "THAWED\n", "freezer/docker/leaving/cgroup.procs": "",
        ])
        defer { try? FileManager.default.removeItem(atPath: root) }
        let groups = ["running", "frozen", "leaving", "gone"].map { DockerCgroup(container: $0, root: root) }
        #expect(groups.map(\.state) == [.running, .paused, nil, nil])
        #expect(groups.map(\.isFound) == [true, true, true, false])
    }

    @Test("an unknown container has no state")
    func unknown() {
        let group = DockerCgroup(container: "none", root: "/nonexistent")
        #expect(group.isFrozen == nil && group.usage == nil && group.processes.isEmpty)
        group.end()
    }
}
