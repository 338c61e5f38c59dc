/// Where a moment of the run is drawn: one axis that all lanes of an experiment share.
struct TimeAxis {
    /// The run's nanoseconds.
    let range: Range<Int64>
    static let width = 1_080.0
    static let left = 150.0
    static let right = 1_064.0
    /// Width of the stretches over which quantiles and rates are taken.
    static let bucketNanoseconds: Int64 = 250_000_000
    /// More buckets than this are cut off.
    static let maximumBuckets = 2_000

    init(_ facts: RunFacts) {
        let start = facts.warmUp?.lowerBound ?? facts.baseline.lowerBound
        let end =
            [facts.baseline.upperBound, facts.fault?.upperBound, facts.recovery?.upperBound]
            .compactMap(\.self).max() ?? start
        range = start..<max(end, start + Self.bucketNanoseconds)
    }

    func x(_ time: Int64) -> Double {
        let share = Double(time - range.lowerBound) / Double(range.upperBound - range.lowerBound)
        return Self.left + min(max(share, 0), 1) * (Self.right - Self.left)
    }

    /// Seconds since the axis begins.
    func seconds(_ time: Int64) -> Double { Double(time - range.lowerBound) / 1e9 }

    var buckets: [Range<Int64>] {
        let starts = stride(from: range.lowerBound, to: range.upperBound, by: Int(Self.bucketNanoseconds))
        return starts.prefix(Self.maximumBuckets).map { $0..<min($0 + Self.bucketNanoseconds, range.upperBound) }
    }

    func bucket(of time: Int64) -> Int? {
        guard range.contains(time) else { return nil }
        let index = Int((time - range.lowerBound) / Self.bucketNanoseconds)
        return index < Self.maximumBuckets ? index : nil
    }
}
