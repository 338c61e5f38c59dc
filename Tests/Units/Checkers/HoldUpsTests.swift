import Testing

@testable import Chaos

@Suite struct HoldUpsTests {
    private static let millisecond = SyntheticRun.millisecond

    private func holdUps(_ delays: [(at: Int64, by: Int64)]) -> HoldUps {
        HoldUps(
            delays.map {
                MetricsSample(
                    time: $0.at * Self.millisecond, source: "generator",
                    content: .schedulingDelay($0.by * Self.millisecond))
            })
    }

    @Test("a hold-up began at most its length before the look before, and takes its length again to be worked off")
    func stretch() {
        #expect(holdUps([(100, 1), (200, 30)]).ranges == [70 * Self.millisecond..<230 * Self.millisecond])
        #expect(holdUps([(100, 20), (200, 20)]).ranges == [])
    }

    @Test("hold-ups that touch are one")
    func merged() {
        let merged = holdUps([(100, 1), (200, 30), (300, 300), (400, 1), (900, 25), (2_000, 1), (2_100, 21)])
        let ms = Self.millisecond
        #expect(merged.ranges == [-100 * ms..<925 * ms, 1_979 * ms..<2_121 * ms])
    }

    @Test("an operation touches a hold-up when any part of it fell into one")
    func touching() {
        let two = holdUps([(1_000, 1), (1_100, 50), (5_000, 1), (5_100, 50)])
        let ms = Self.millisecond
        #expect(two.ranges == [950 * ms..<1_150 * ms, 4_950 * ms..<5_150 * ms])
        #expect(!two.touch(900 * ms, 949 * ms))
        #expect(two.touch(900 * ms, 950 * ms))
        #expect(two.touch(900 * ms, 4_000 * ms))
        #expect(two.touch(1_149 * ms, 1_149 * ms))
        #expect(!two.touch(1_150 * ms, 4_949 * ms))
        #expect(two.touch(1_150 * ms, 6_000 * ms))
        #expect(!two.touch(5_150 * ms, 6_000 * ms))
        #expect(two.share(of: 0..<2_000 * ms) == 0.1)
        #expect(two.share(of: 1_000 * ms..<1_100 * ms) == 1)
        #expect(two.length(within: 0..<10_000 * ms) == 400 * ms)
    }
}
