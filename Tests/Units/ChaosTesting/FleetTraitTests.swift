import Chaos
import Testing

@testable import ChaosTesting

/// Suites that bring their fleet with them.
@Suite("the fleet of a suite or a test", .serialized) struct FleetTraitTests {
    /// As in the Swift API's own example, on a fleet that is ready in a moment.
    @Suite(
        "one for all tests of a suite", .serialized, .fleet(.topology(TestFleets.tiny), options: TestFleets.options()))
    struct OfSuite {
        private static let names = Seen()

        @Test("faults meet it, and every test and case sees the same", arguments: [Fault.kill, .pause])
        func broken(fault: Fault) async throws {
            let fleet = Fleet.current
            let during = try await fleet.with(fault, on: "cache") { try await fleet.runtime.state(of: "cache") }
            #expect(during != .running)
            #expect(try await fleet.runtime.state(of: "cache") == .running)
            #expect(await Self.names.add(fleet.name) == 1)
        }
    }

    @Suite("one for each case of a test", .serialized) struct OfTest {
        private static let names = Seen()

        @Test(.fleet(.topology(TestFleets.tiny), options: TestFleets.options()), arguments: [1, 2])
        func own(number: Int) async throws {
            #expect(try await Fleet.current.runtime.state(of: "cache") == .running)
            // The one before is gone by the time the next is there.
            for name in await Self.names.all { #expect(TestFleets.isGone(name)) }
            #expect(await Self.names.add(Fleet.current.name) == number)
        }
    }

    @Test("the runtime is the one that the environment names, and no other word is taken for one")
    func runtime() throws {
        #expect(try FleetTrait.namedRuntime([:]) == nil)
        #expect(try FleetTrait.namedRuntime(["SEAWORTHY_RUNTIME": "docker"]) == .docker)
        #expect(throws: FleetError.self) { try FleetTrait.namedRuntime(["SEAWORTHY_RUNTIME": "podman"]) }
    }

    @Test("a topology that cannot be read fails the test with a sentence")
    func missing() async throws {
        #expect(throws: FleetError.self) { try FleetSource.file("nowhere.yaml").load() }
        #expect(try FleetSource.standard.load().name == "standard")
    }
}

/// Names of fleets that were seen.
private actor Seen {
    private(set) var all: Set<String> = []

    func add(_ name: String) -> Int {
        all.insert(name)
        return all.count
    }
}
