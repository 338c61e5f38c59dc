/// A quantile of the latencies seen lately: counts in buckets whose width grows with the value, as in HdrHistogram (Gil
/// Tene, hdrhistogram.org), here with 16 buckets to each doubling and so at most 1/16 of error; all counts are halved
/// whenever enough have come, so that the past fades.
struct LatencyQuantile: Sendable {
    /// From 0 to 1.
    let quantile: Double
    private var counts: [Double]
    private var total = 0.0
    private var sinceEstimate = 0
    /// Nil until enough have been seen.
    private(set) var estimate: Duration?

    private static let bucketBits = 4
    /// In microseconds: past a minute all are alike.
    private static let maximum = 60_000_000
    /// Counts are halved when they sum up to this.
    static let memory = 4096.0
    /// The quantile is worked out anew after so many.
    static let pace = 64

    init(_ quantile: Double) {
        self.quantile = quantile
        counts = Array(repeating: 0, count: Self.bucket(of: Self.maximum) + 1)
    }

    mutating func record(_ latency: Duration) {
        let microseconds = min(max(Int(latency.milliseconds * 1000), 0), Self.maximum)
        counts[Self.bucket(of: microseconds)] += 1
        total += 1
        sinceEstimate += 1
        guard sinceEstimate >= Self.pace else { return }
        sinceEstimate = 0
        estimate = .microseconds(Self.upperBound(of: bucketOfQuantile()))
        guard total >= Self.memory else { return }
        for index in counts.indices { counts[index] /= 2 }
        total /= 2
    }

    private func bucketOfQuantile() -> Int {
        var left = total * quantile
        for (index, count) in counts.enumerated() {
            left -= count
            if left <= 0, count > 0 { return index }
        }
        return counts.count - 1
    }

    /// Values under 16 have a bucket each; above, the top four bits after the first choose it.
    static func bucket(of value: Int) -> Int {
        guard value >= 1 << bucketBits else { return value }
        let exponent = Int.bitWidth - 1 - value.leadingZeroBitCount
        let shift = exponent - bucketBits
        return (shift + 1) << bucketBits + (value >> shift) - 1 << bucketBits
    }

    /// The greatest value in a bucket.
    static func upperBound(of bucket: Int) -> Int {
        guard bucket >= 1 << bucketBits else { return bucket }
        let shift = bucket >> bucketBits - 1
        let first = (1 << bucketBits + bucket & (1 << bucketBits - 1)) << shift
        return first + 1 << shift - 1
    }
}
