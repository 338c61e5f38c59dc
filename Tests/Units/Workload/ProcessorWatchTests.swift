import Foundation
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

    @Test("what a hypervisor takes is counted for the processor that lost most")
    func stolen() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("stat-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        func stat(_ first: Int, _ second: Int) throws {
            let text = """
                cpu  9 9 9 9 9 9 9 \(first + second) 0 0
                cpu0 5 5 5 5 5 5 5 \(first) 0 0
                cpu1 4 4 4 4 4 4 4 \(second) 0 0
                intr 1 2 3
                """
            try Data(text.utf8).write(to: file)
        }
        var stolen = StolenTime(file: file.path)
        try stat(100, 200)
        #expect(stolen.take() == 0)
        try stat(101, 207)
        #expect(stolen.take() == 70_000_000)
        #expect(stolen.take() == 0)
        // A processor that comes back begins anew.
        try stat(0, 208)
        #expect(stolen.take() == 10_000_000)
        try FileManager.default.removeItem(at: file)
        #expect(stolen.take() == 0)
    }
}
