import Foundation
import SystemPackage
import Testing

@testable import Chaos

@Suite("Processes", .timeLimit(.minutes(1)))
struct ProcessTests {
    #if os(Linux)
        @Test("a program's name may hold anything")
        func statLine() throws {
            let text = "4711 (a) b (c) T 12 4711 4711 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 998877 0 0"
            let entry = try #require(ProcessTable.entry(fromStat: text))
            #expect(entry == ProcessEntry(pid: 4711, parent: 12, state: "T", startTime: 998_877))
            #expect(ProcessTable.entry(fromStat: "") == nil)
        }
    #endif

    @Test("this process is known, and another with its pid is not")
    func identity() {
        #expect(ProcessTable.isAlive(ProcessTable.own))
        var other = ProcessTable.own
        other.startTime += 1
        #expect(!ProcessTable.isAlive(other))
        other = ProcessTable.own
        other.bootID = "another boot"
        #expect(!ProcessTable.isAlive(other))
    }

    /// A directory of its own and a shell in it that has children in sessions of their own, as Postgres has.
    private func startTree() throws -> ProcessTree {
        let directory = FilePath(NSTemporaryDirectory()).appending("tree-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        let root = try Spawn(
            program: "/bin/sh", arguments: ["-c", "setsid sleep 300 & setsid sleep 300 & touch up; wait"],
            environment: ["PATH": "/usr/bin:/bin"], directory: directory, output: directory.appending("log")
        ).start()
        return ProcessTree(root: root, directory: directory, environment: .live)
    }

    @Test("pause, resume and kill reach every process")
    func tree() async throws {
        let tree = try startTree()
        defer { try? FileManager.default.removeItem(atPath: tree.directory.string) }
        try await eventually("three processes run") { tree.members().count == 3 }
        try await tree.pause()
        #expect(tree.state() == .paused)
        #expect(tree.members().allSatisfy { $0.isStopped })
        let mark = tree.activityMark()
        #expect(tree.activityMark() == mark)
        try await tree.resume()
        #expect(tree.state() == .running)
        try await tree.pause()
        #expect(tree.activityMark() != mark, "it ran in between, and the mark must tell")
        try await tree.kill()
        #expect(tree.members().isEmpty)
    }

    @Test("children that outlive the first process are found by their directory")
    func orphans() async throws {
        let tree = try startTree()
        defer { try? FileManager.default.removeItem(atPath: tree.directory.string) }
        try await eventually("three processes run") { tree.members().count == 3 }
        kill(tree.root!.pid, SIGKILL)
        try await eventually("two are left") { tree.members().count == 2 }
        #expect(tree.state() == .running)
        try await tree.kill()
        #expect(tree.state() == .exited)
    }

    @Test("a started program has a session of its own and none of our files")
    func isolation() async throws {
        let directory = FilePath(NSTemporaryDirectory()).appending("spawn-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory.string) }
        // Open without close-on-exec, as a careless library would.
        let open = open("/dev/null", O_RDONLY)
        defer { close(open) }
        let output = directory.appending("out")
        let status = try await Spawn(
            program: "/bin/sh", arguments: ["-c", "ls /proc/$$/fd; cut -d' ' -f6 /proc/$$/stat; echo $$; exit 3"],
            environment: ["PATH": "/usr/bin:/bin"], directory: directory, output: output
        ).run(limit: .seconds(20), in: .live)
        #expect(status == 3)
        let lines = try String(contentsOfFile: output.string, encoding: .utf8).split(separator: "\n")
        #expect(lines.dropLast(2).allSatisfy { Int($0)! <= 2 || Int($0)! == 10 }, "descriptors: \(lines)")
        #expect(lines.suffix(2).first == lines.last, "its session is its own pid")
    }

    @Test("a program that is not there is named")
    func missing() {
        let spawn = Spawn(program: "/no/such/program", directory: "/tmp", output: "/dev/null")
        let error = #expect(throws: FleetError.self) { try spawn.start() }
        #expect("\(error!)".contains("/no/such/program"))
    }
}
