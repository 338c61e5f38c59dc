import Foundation
import SystemPackage
import Testing

@testable import Chaos

extension FleetsOfRealServers {
    @Suite("When controller or guardian die")
    struct ControllerDeathTests {
        static let faults: [[String]] = [
            ["pause", "db"], ["partition", "*:db"], ["pause", "cache"],
            ["latency", "chaos:cache", "--set", "latency=100ms"],
            // Healed only by starting it again, which its killer can no longer do.
            ["kill", "cache"],
        ]
        /// From the death of the controller to the end of what it had broken.
        static let limit = Duration.seconds(2)

        /// `chaos inject` in another process, in force when this returns.
        private func inject(_ fault: [String], _ fleet: String) async throws -> ChaosProgram {
            let program = try ChaosProgram(["inject"] + fault + ["--fleet", fleet])
            try await program.says(" in force")
            return program
        }

        private func guardian(of ledger: Ledger) throws -> ProcessIdentity? {
            guard case .process(let identity) = try ledger.state().nodes[GuardianProcess.nodeName]?.handle else {
                return nil
            }
            return identity
        }

        private func ledger(of fleet: String) -> Ledger {
            Ledger(path: FleetDirectory.ledger(fleet, root: TestFleets.root))
        }

        @Test(
            "a controller killed in mid-fault twenty times: healed within two seconds", arguments: TestFleets.runtimes)
        func guest(runtime: RuntimeKind) async throws {
            try await TestFleets.with(options: TestFleets.options(runtime)) { fleet in
                for round in 0..<20 {
                    let fault = Self.faults[round % Self.faults.count]
                    let controller = try await inject(fault, fleet.name)
                    controller.killNow()
                    let killed = ContinuousClock.now
                    try await eventually("round \(round), \(fault): healed") {
                        try fleet.context.ledger.state().faults.isEmpty
                    }
                    #expect(ContinuousClock.now - killed < Self.limit, "round \(round), \(fault)")
                    let status = try await fleet.status()
                    #expect(
                        status.nodes.allSatisfy { $0.state == .running }, "round \(round), \(fault): \(status.nodes)")
                    #expect(status.links.allSatisfy { $0.toxics.isEmpty }, "round \(round), \(fault): \(status.links)")
                }
            }
        }

        @Test(
            "the owner of a fleet killed in mid-fault twenty times: all gone within two seconds",
            arguments: TestFleets.runtimes)
        func owner(runtime: RuntimeKind) async throws {
            let file = FilePath(NSTemporaryDirectory()).appending("small-\(UInt64.random(in: 0 ... .max)).json")
            try JSONEncoder().encode(TestFleets.small).write(to: URL(fileURLWithPath: file.string))
            defer { unlink(file.string) }
            for round in 0..<20 {
                let name = "owned-\(runtime.rawValue)-\(round)"
                let up = try ChaosProgram([
                    "up", "--foreground", "--name", name, "--topology", file.string, "--runtime", runtime.rawValue,
                ])
                try await up.says("nothing is broken")
                let fault = Self.faults[round % Self.faults.count]
                let controller = try await inject(fault, name)
                let guardian = try guardian(of: ledger(of: name))
                up.killNow()
                let killed = ContinuousClock.now
                if round.isMultiple(of: 2) { controller.killNow() }
                let directory = FleetDirectory.fleet(name, root: TestFleets.root).string
                try await eventually("round \(round): nothing of \(name) runs") {
                    ProcessTable.entries(below: directory).isEmpty
                }
                #expect(ContinuousClock.now - killed < Self.limit, "round \(round), \(fault)")
                // Ended containers are removed by their daemon, which takes its time.
                try await eventually("round \(round): nothing of \(name) is left", within: .seconds(20)) {
                    try await TestFleets.remains(name, on: runtime).isEmpty
                }
                try await eventually("round \(round): \(name) is gone") { TestFleets.isGone(name) }
                try await eventually("round \(round): its guardian ends") { guardian.map(ProcessTable.isAlive) != true }
                if !round.isMultiple(of: 2) { controller.killNow() }
            }
        }

        @Test(
            "a controller killed while its fleet starts leaves nothing",
            arguments: [2, 20, 60, 120, 200, 300, 450, 600, 2_000])
        func starting(after milliseconds: Int) async throws {
            let name = "starting-\(milliseconds)"
            let file = FilePath(NSTemporaryDirectory()).appending("\(name).json")
            try JSONEncoder().encode(TestFleets.small).write(to: URL(fileURLWithPath: file.string))
            defer { unlink(file.string) }
            let up = try ChaosProgram(["up", "--name", name, "--topology", file.string, "--runtime", "process"])
            let killAt = ContinuousClock.now + .milliseconds(milliseconds)
            try await eventually("its time has come") { ContinuousClock.now >= killAt }
            up.killNow()
            try await eventually("\(name) is gone, or waits for `chaos down`", within: .seconds(20)) {
                if TestFleets.isGone(name) { return true }
                // Killed before there was a guardian to see it: nothing runs, and the verb removes the directory. Or
                // when the fleet was ready: it stays, as it does without `up`.
                let ledger = ledger(of: name)
                let stays = (try? ledger.state().staysWithoutController) == true
                guard stays || (try? guardian(of: ledger)) == nil else { return false }
                return try await ChaosProgram.run(["down", "--fleet", name]).status == 0
            }
            TestFleets.expectNothingLeft(name)
        }

        @Test("a killed guardian is replaced, and the new one does its work", arguments: TestFleets.runtimes)
        func guardianKilled(runtime: RuntimeKind) async throws {
            try await TestFleets.with(options: TestFleets.options(runtime)) { fleet in
                let controller = try await inject(["pause", "db"], fleet.name)
                let first = try #require(try guardian(of: fleet.context.ledger))
                kill(first.pid, SIGKILL)
                try await eventually("another guardian runs") {
                    let now = try guardian(of: fleet.context.ledger)
                    return now != first && now.map(ProcessTable.isAlive) == true
                }
                #expect(try await fleet.runtime.state(of: "db") == .paused, "the fault outlives the guardian")
                controller.killNow()
                try await eventually("the new guardian heals", within: GuardianState.firstLeaseLimit * 2) {
                    try fleet.context.ledger.state().faults.isEmpty
                }
                #expect(try await fleet.runtime.state(of: "db") == .running)
            }
        }

        @Test("with both dead, heal --all and down --all work from the ledger", arguments: TestFleets.runtimes)
        func bothDead(runtime: RuntimeKind) async throws {
            // Its own root, since --all means all.
            let root = FilePath(TestFleets.root.string + "-\(runtime.rawValue)")
            let options = TestFleets.options(runtime, name: "both-dead", root: root, isKept: true)
            let fleet = try await Fleet.start(TestFleets.tiny, options: options)
            try await fleet.detach()
            let controller = try ChaosProgram(["inject", "pause", "cache"], root: root)
            try await controller.says(" in force")
            // Stopped first, or it would replace the guardian.
            kill(controller.identity.pid, SIGSTOP)
            let guardian = try #require(try guardian(of: fleet.context.ledger))
            kill(guardian.pid, SIGKILL)
            controller.killNow()
            #expect(try await fleet.runtime.state(of: "cache") == .paused)
            let heal = try await ChaosProgram.run(["heal", "--all"], root: root)
            #expect(heal.status == 0, "\(heal.text)")
            #expect(try await fleet.runtime.state(of: "cache") == .running)
            let down = try await ChaosProgram.run(["down", "--all"], root: root)
            #expect(down.status == 0, "\(down.text)")
            TestFleets.expectNothingLeft("both-dead", root: root)
        }

        @Test("a kept fleet outlives the process that started it, and ends when asked")
        func kept() async throws {
            let fleet = try await Fleet.start(
                TestFleets.tiny, options: TestFleets.options(name: "kept", isKept: true))
            try await fleet.detach()
            let guest = try await Fleet.attach("kept", options: TestFleets.options())
            #expect(try await guest.status().nodes.map(\.state) == [.running])
            try await guest.stop()
            TestFleets.expectNothingLeft("kept")
        }
    }
}
