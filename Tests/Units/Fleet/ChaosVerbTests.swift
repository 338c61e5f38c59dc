import Foundation
import SystemPackage
import Testing

@testable import Chaos

extension FleetsOfRealServers {
    @Suite("The verbs of chaos")
    struct ChaosVerbTests {
        static let root = FilePath(TestFleets.root.string + "-verbs")

        @Test(
            "bad input is one sentence and exit code 64",
            arguments: [
                (["inject", "flood", "cache"], "no fault is named flood"),
                (["inject", "pause", "cache"], "no fleet is running"),
                (["inject", "pause", "cache", "--for", "soon"], "no length of time"),
                (["inject", "latency", "cache", "--set", "fast"], "not key=value"),
                (["up", "--topology", "/no/such.yaml"], "/no/such.yaml"),
                (["up", "--runtime", "cloud"], "no runtime is named cloud"),
                (["up", "--name", "NO"], "fleet name `NO`"),
                (["down", "--fleet", "nix"], "no fleet is named nix"),
                (["heal", "nix-1"], "no fleet has a fault nix-1"),
                (["status"], "no fleet is running"),
                (["run", "a.yaml", "--rollback-strategy", "x"], "x: it is always, never or deviated"),
                (["run", "a.yaml", "--fleet", "nix"], "no fleet is named nix"),
                (["run", "a.yaml", "--runtime", "cloud"], "no runtime is named cloud"),
                (["report", "/no/such/bundle"], "a bundle is a directory store/SCENARIO/TIME"),
                (["proxy", "--config", "/no/such.json"], "cannot read /no/such.json"),
            ])
        func usage(arguments: [String], message: String) async throws {
            let result = try await ChaosProgram.run(arguments, root: Self.root)
            #expect(result.text.contains(message), "\(result.text)")
            #expect(result.status == 64)
            #expect(FleetDirectory.names(root: Self.root).isEmpty)
        }

        @Test(
            "without the server that a node needs it says what to install, exits 70, and leaves nothing",
            arguments: [
                (Topology.Kind.postgres, "no Postgres server on this machine (looked by pg_config, on PATH and in"),
                (.redis, "no redis-server on PATH"),
            ])
        func notInstalled(kind: Topology.Kind, message: String) async throws {
            let name = "no-\(kind.rawValue)"
            try await TestFleets.withDirectory { directory in
                let topology = Topology(name: name, nodes: [.init(name: "node", kind: kind)])
                let file = try TestFleets.write(topology, in: directory)
                let result = try await ChaosProgram.run(
                    ["up", "--runtime", "process", "--name", name, "--topology", file], root: Self.root,
                    variables: ["PATH": "/nowhere", "SEAWORTHY_POSTGRES_ROOTS": "/nowhere"])
                #expect(result.status == 70)
                #expect(result.text.contains(message) && result.text.contains(": install it ("), "\(result.text)")
            }
            TestFleets.expectNothingLeft(name, root: Self.root)
        }

        @Test("a proxy whose port is taken says so and exits 70")
        func portTaken() async throws {
            let first = try await ProxyServer(
                control: HostPort(host: "127.0.0.1", port: 0), logger: .init(label: "test"))
            let result = try await ChaosProgram.run(["proxy", "--port", "\(first.control.port)"], root: Self.root)
            await first.stop()
            #expect(result.status == 70)
            #expect(result.text.contains("cannot listen on \(first.control): address already in use"), "\(result.text)")
        }

        @Test("without a docker daemon it says so, exits 70, and leaves no guardian waiting for one")
        func noDaemon() async throws {
            let name = "no-daemon"
            let result = try await ChaosProgram.run(
                ["up", "--runtime", "docker", "--name", name], root: Self.root,
                variables: ["DOCKER_HOST": "unix:///nonexistent"])
            #expect(result.status == 70)
            #expect(result.text.contains("docker"), "\(result.text)")
            try await eventually("\(name) is gone") { TestFleets.isGone(name, root: Self.root) }
        }

        @Test("status, inject, heal and down work together, in JSON")
        func story() async throws {
            let root = FilePath(Self.root.string + "-story")
            let fleet = try await Fleet.start(
                TestFleets.tiny, options: TestFleets.options(name: "story", root: root, isKept: true))
            try await fleet.detach()
            let dry = try await ChaosProgram.run(["inject", "pause", "cache", "--dry-run"], root: root)
            #expect(dry.status == 0 && dry.text.contains("can be injected"), "\(dry.text)")
            let held = try await ChaosProgram.run(["inject", "pause", "cache", "--for", "200ms"], root: root)
            #expect(held.status == 0 && held.text.contains("healed: cache runs"), "\(held.text)")
            let detached = try await ChaosProgram.run(["inject", "pause", "cache", "--detach"], root: root)
            #expect(detached.status == 0, "\(detached.text)")
            let status = try await ChaosProgram.run(["status", "--json"], root: root)
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            let told = try decoder.decode(FleetStatus.self, from: Data(status.text.utf8))
            #expect(told.nodes.map(\.state) == [.paused])
            #expect(told.faults.map(\.verified) == [true])
            #expect(told.links.map(\.name) == ["chaos:cache"])
            let heal = try await ChaosProgram.run(["heal", told.faults[0].id], root: root)
            #expect(heal.status == 0, "\(heal.text)")
            let down = try await ChaosProgram.run(["down", "--json"], root: root)
            #expect(down.status == 0 && down.text.contains("story"), "\(down.text)")
            TestFleets.expectNothingLeft("story", root: root)
        }

        @Test("an outsider who resumes the node makes inject end with 2")
        func notInForce() async throws {
            try await TestFleets.with(TestFleets.tiny, options: TestFleets.options(root: Self.root)) { fleet in
                let program = try ChaosProgram(["inject", "pause", "cache", "--fleet", fleet.name], root: Self.root)
                defer { program.killNow() }
                try await program.says(" in force")
                try await fleet.runtime.resume("cache")
                kill(program.identity.pid, SIGINT)
                var status: Int32 = 0
                try await eventually("inject ends") { waitpid(program.identity.pid, &status, WNOHANG) != 0 }
                #expect((status >> 8) & 0xff == 2, "\(program.text)")
            }
        }

        @Test("faults and doctor tell")
        func tell() async throws {
            let faults = try await ChaosProgram.run(["faults", "--json"], root: Self.root)
            let names = try JSONDecoder().decode([FaultSummary].self, from: Data(faults.text.utf8)).map(\.name)
            #expect(Set(names) == Set(FaultKind.allCases))
            let doctor = try await ChaosProgram.run(["doctor", "--json"], root: Self.root)
            let told = try JSONDecoder().decode(Doctor.Examination.self, from: Data(doctor.text.utf8))
            #expect(told.findings.contains { $0.what == "postgres" && $0.isWell })
        }
    }
}
