/// Quantiles of latencies, exactly: the nearest-rank method (Hyndman and Fan, type 1) on the sorted sample. A phase has
/// some thousands of operations, so nothing needs to be approximated.
public struct LatencySample: Sendable, Equatable {
    /// Ascending nanoseconds.
    private let sorted: [Int64]

    /// Takes the latencies of the operations that ended.
    public init(_ operations: some Sequence<Operation>) { self.init(operations.compactMap(\.latency)) }

    /// Takes latencies in any order.
    public init(_ nanoseconds: [Int64]) { sorted = nanoseconds.sorted() }

    public var count: Int { sorted.count }

    /// The smallest latency that at least this share of the sample does not exceed; nil for an empty sample.
    public func quantile(_ quantile: Quantile) -> Duration? {
        guard !sorted.isEmpty else { return nil }
        let rank = (quantile.share * Double(sorted.count)).rounded(.up)
        return .nanoseconds(sorted[min(max(Int(rank) - 1, 0), sorted.count - 1)])
    }
}

/// A share of a sample, from 0 to 1.
public struct Quantile: Sendable, Hashable {
    /// 0 to 1: 0.99 for p99.
    public var share: Double

    /// Makes a quantile; shares outside 0 to 1 are moved to the nearer end.
    public init(_ share: Double) { self.share = Swift.min(Swift.max(share, 0), 1) }

    /// The median.
    public static let p50 = Quantile(0.5)
    /// Nine of ten are no slower.
    public static let p90 = Quantile(0.9)
    /// 99 of 100 are no slower.
    public static let p99 = Quantile(0.99)
    /// 999 of 1,000 are no slower.
    public static let p999 = Quantile(0.999)
    /// The slowest.
    public static let max = Quantile(1)
}

extension Duration {
    /// `12.3 ms`, as findings print it.
    var words: String { "\(milliseconds.formatted(decimals: milliseconds < 10 ? 2 : 1)) ms" }
}
