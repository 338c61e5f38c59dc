import Chaos
import Foundation
import Testing

extension Scenarios {
    /// A fault that somebody else ends is no proof of anything.
    @Suite struct OutsideHandTests {
        @Test(
            "a paused replica that an outside process lets go makes the run unknown, exit code 2",
            arguments: await Scenarios.runtimes())
        func resumed(runtime: RuntimeKind) async throws {
            try await StandingFleet.shared.end()
            let run = try ChaosCommandLine([
                "run", "--runtime", runtime.rawValue, "Fixtures/experiments/pause-replica.yaml",
            ])
            let fleet = try await run.word(after: "fleet ", before: " is ready")
            try await run.says("pause on shard-0-replica-0")
            let status = try await ChaosCommandLine.output(["status", "--json", "--fleet", fleet])
            let node = try #require(
                try JSONDecoder().decode(Status.self, from: status).nodes.first { $0.name == "shard-0-replica-0" })
            // Not before it stands: else there would be nothing to let go.
            try await ChaosCommandLine.shell(
                """
                for try in $(seq 200); do \(Self.isPaused(node)) && break; sleep 0.05; done
                \(Self.letGo(node))
                """)
            let (code, text) = try await run.end()
            #expect(code == 2, "\(text)")
            #expect(text.contains("not in force"), "\(text)")
        }

        @Test(
            "a docker daemon that goes away in mid-run is said, exit code 70, and nothing is left running",
            arguments: await Scenarios.runtimes().filter { $0 == .docker })
        func daemonGone(runtime: RuntimeKind) async throws {
            try await StandingFleet.shared.end()
            let daemon = (ProcessInfo.processInfo.environment["DOCKER_HOST"] ?? "unix:///var/run/docker.sock")
                .replacingOccurrences(of: "unix://", with: "")
            // Reached through a link of ours, which can be taken away.
            let link = "/tmp/seaworthy-\(UUID().uuidString.prefix(8)).sock"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: daemon)
            defer { try? FileManager.default.removeItem(atPath: link) }
            let run = try ChaosCommandLine(
                ["run", "--runtime", runtime.rawValue, "Fixtures/experiments/pause-replica.yaml"],
                variables: ["DOCKER_HOST": "unix://\(link)"])
            let fleet = try await run.word(after: "fleet ", before: " is ready")
            try await run.says("pause on shard-0-replica-0")
            try FileManager.default.removeItem(atPath: link)
            let (code, text) = try await run.end()
            #expect(code == 70, "\(text)")
            #expect(text.contains("the docker daemon does not answer"), "\(text)")
            // Its processes are ended without the daemon; the rest goes when the daemon is back.
            try await ChaosCommandLine.shell("! pgrep -f '[/]fleets/\(fleet)/nodes/'")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: daemon)
            let directory = FleetDirectory.fleet(fleet, root: FleetDirectory.root)
            try await ChaosCommandLine.shell(
                """
                for try in $(seq 400); do
                    [ -z "$(docker ps -aq --filter label=seaworthy.fleet=\(fleet))" ] && [ ! -e \(directory) ] && exit
                    sleep 0.05
                done
                exit 1
                """)
        }

        private struct Status: Decodable {
            struct Node: Decodable {
                var name: String
                var pid: Int?
                var container: String?
            }
            var nodes: [Node]
        }

        private static func isPaused(_ node: Status.Node) -> String {
            node.container.map { "[ $(docker inspect --format '{{.State.Status}}' \($0)) = paused ]" }
                ?? "grep -q '^State:.T' /proc/\(node.pid ?? 0)/status"
        }

        private static func letGo(_ node: Status.Node) -> String {
            node.container.map { "docker unpause \($0)" }
                ?? "kill -CONT $(pgrep -P \(node.pid ?? 0)) \(node.pid ?? 0)"
        }
    }
}
