import Testing

@testable import Chaos

@Suite struct ProcessorWatchTests {
    @Test("tells by how much processors oversleep")
    func watches() async throws {
        let delays = SchedulingDelays()
        let watch = ProcessorWatch(delays)
        watch.start()
        defer { watch.stop() }
        // No timer is exact: some nanoseconds are always over.
        try await eventually("a processor was seen to oversleep") { delays.take() > 0 }
    }
}
