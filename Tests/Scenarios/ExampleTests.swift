import Chaos
import ChaosTesting
import Testing

/// The README's example, as it stands there. Apart from the other scenarios, since it brings a fleet of its own.
@Suite(.fleet(.standard), .serialized, .timeLimit(.minutes(2)))
struct CacheLossTests {
    @Test(arguments: [Fault.kill, .pause, .latency(.milliseconds(500))])
    func readsSurvive(fault: Fault) async throws {
        let fleet = Fleet.current
        let run = try await fleet.workload(.browse(rate: 200)).during {
            try await fleet.with(fault, on: "cache") { try await fleet.settle(for: .seconds(3)) }
        }
        #expect(run.errors(in: .fault) == 0)
        #expect(run.latency(.p99, in: .fault) < .milliseconds(100))
    }
}
