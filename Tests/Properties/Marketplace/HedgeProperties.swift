import Generators
import Testing

@testable import Marketplace

@Suite("Hedged reads, whatever the latencies")
struct HedgeProperties {
    @Test("buckets follow each other without gaps, and none is wider than a sixteenth of its values")
    func buckets() async throws {
        try await check(Generator<Int>.int(in: 0...60_000_000), count: 3000) { value in
            let bucket = LatencyQuantile.bucket(of: value)
            let end = LatencyQuantile.upperBound(of: bucket)
            try ensure(value <= end && end - value <= value / 16, "\(value) is put under \(end)")
            try ensure(LatencyQuantile.bucket(of: end) == bucket, "\(end) is not in its own bucket")
            try ensure(LatencyQuantile.bucket(of: end + 1) == bucket + 1, "there is a gap after \(end)")
        }
    }

    @Test("the estimate is the quantile of what came, to a sixteenth")
    func quantile() async throws {
        let latencies = Generator.array(of: Generator<Int>.int(in: 1...500_000), count: 64...640)
        try await check(latencies, count: 150) { latencies in
            var quantile = LatencyQuantile(0.95)
            let counted = latencies.prefix(latencies.count / LatencyQuantile.pace * LatencyQuantile.pace)
            for latency in counted { quantile.record(.microseconds(latency)) }
            let sorted = counted.sorted()
            let exact = sorted[Int((Double(sorted.count) * 0.95).rounded(.up)) - 1]
            let estimate = Int((quantile.estimate ?? .zero).milliseconds * 1000)
            try ensure(
                abs(estimate - exact) <= exact / 16 + 1, "the 95th percentile is \(exact), the estimate \(estimate)")
        }
    }

    @Test("the past fades: after a change the estimate follows within two memories")
    func fading() {
        var quantile = LatencyQuantile(0.95)
        for _ in 0..<100_000 { quantile.record(.milliseconds(1)) }
        for _ in 0..<Int(2 * LatencyQuantile.memory) { quantile.record(.milliseconds(50)) }
        #expect(quantile.estimate ?? .zero > .milliseconds(45))
        for _ in 0..<Int(6 * LatencyQuantile.memory) { quantile.record(.milliseconds(1)) }
        #expect(quantile.estimate ?? .seconds(1) < .milliseconds(2))
    }

    @Test("second requests are never more than one in twenty and what was saved up")
    func budget() async throws {
        let latency = zip(Generator<Int>.int(in: 1...2000), Generator<Bool>.bool)
        try await check(Generator.array(of: latency, count: 0...2000), count: 60) { latencies in
            var state = HedgeState()
            var sent = 0
            for (index, (latency, isSlow)) in latencies.enumerated() {
                let delay = state.began(.point)
                if let delay {
                    try ensure(delay >= HedgeState.minimumDelay, "a second request after \(delay)")
                    if isSlow, state.take() { sent += 1 }
                }
                state.record(.microseconds(latency), .point)
                let allowed = HedgeState.savedUp + HedgeState.share * Double(index + 1) + 1e-6
                try ensure(Double(sent) <= allowed, "\(sent) second requests of \(index + 1) reads")
            }
        }
    }
}
