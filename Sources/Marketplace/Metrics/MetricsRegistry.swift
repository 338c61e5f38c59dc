import Synchronization

/// Keeps every counter, gauge and histogram of one server, and renders them. A family holds at most
/// ``maximumSeries`` label sets; what comes beyond is counted together under `other`, so that no input can grow it.
public final class MetricsRegistry: Sendable {
    /// Series of one family; further label values are counted as `other`.
    public static let maximumSeries = 512

    /// What a family is, in the words of the exposition format.
    enum Kind: String { case counter, gauge, histogram }

    /// One family with its series.
    final class Family: Sendable {
        let name: String
        let help: String
        let kind: Kind
        let labels: [String]
        private let series = Mutex<[[String]: any Metric]>([:])

        init(name: String, help: String, kind: Kind, labels: [String]) {
            self.name = name
            self.help = help
            self.kind = kind
            self.labels = labels
        }

        func metric<M: Metric>(_ values: [String], _ make: () -> M) -> M {
            series.withLock { series in
                let isNew = series[values] == nil
                let key =
                    isNew && series.count >= MetricsRegistry.maximumSeries
                    ? labels.map { _ in "other" } : values
                if let found = series[key] as? M { return found }
                let made = make()
                series[key] = made
                return made
            }
        }

        /// Sorted by label values.
        var all: [(values: [String], metric: any Metric)] {
            series.withLock { $0.map { (values: $0.key, metric: $0.value) } }
                .sorted { $0.values.lexicographicallyPrecedes($1.values) }
        }
    }

    private let families = Mutex<[String: Family]>([:])

    /// Empty.
    public init() {}

    func family(_ name: String, _ help: String, _ kind: Kind, labels: [String]) -> Family {
        families.withLock { families in
            if let found = families[name] { return found }
            let made = Family(name: name, help: help, kind: kind, labels: labels)
            families[name] = made
            return made
        }
    }

    /// Sorted by name.
    var all: [Family] {
        families.withLock { $0.values.sorted { $0.name < $1.name } }
    }
}

/// One series' value.
protocol Metric: AnyObject, Sendable {
    /// Its samples: the suffix of the name, labels of its own, and the value.
    var samples: [(suffix: String, labels: [(String, String)], value: Double)] { get }
}

/// A number that only grows.
public final class Counter: Metric {
    private let count = Atomic<Int>(0)

    /// Zero.
    public init() {}

    /// Adds to it; the amount is not negative.
    public func add(_ amount: Int = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum so far.
    public var value: Int { count.load(ordering: .relaxed) }
    var samples: [(suffix: String, labels: [(String, String)], value: Double)] { [("", [], Double(value))] }
}

/// A number that goes up and down, in the unit that its name ends with.
public final class Gauge: Metric {
    private let bits = Atomic<UInt64>(0)

    /// Zero.
    public init() {}

    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// As it was last set.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    var samples: [(suffix: String, labels: [(String, String)], value: Double)] { [("", [], value)] }
}

/// A whole number that goes up and down by steps.
public final class Level: Metric {
    private let level = Atomic<Int>(0)

    /// Zero.
    public init() {}

    /// Moves it up or down.
    public func add(_ step: Int) {
        level.wrappingAdd(step, ordering: .relaxed)
    }

    /// Where it stands.
    public var value: Int { level.load(ordering: .relaxed) }
    var samples: [(suffix: String, labels: [(String, String)], value: Double)] { [("", [], Double(value))] }
}

/// Durations in buckets, in seconds.
public final class DurationHistogram: Metric {
    /// Upper bounds in microseconds.
    static let bounds: [Int64] = [
        250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    ]

    private struct Counts {
        var buckets = [Int](repeating: 0, count: DurationHistogram.bounds.count + 1)
        var microseconds: Int64 = 0
    }

    private let counts = Mutex(Counts())

    /// Empty.
    public init() {}

    /// Counts one duration.
    public func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let bucket = Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count
        counts.withLock {
            $0.buckets[bucket] += 1
            $0.microseconds += microseconds
        }
    }

    var samples: [(suffix: String, labels: [(String, String)], value: Double)] {
        let counts = counts.withLock { $0 }
        var samples: [(suffix: String, labels: [(String, String)], value: Double)] = []
        var total = 0
        for (index, count) in counts.buckets.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? "\(Double(Self.bounds[index]) / 1_000_000)" : "+Inf"
            samples.append(("_bucket", [("le", bound)], Double(total)))
        }
        samples.append(("_sum", [], Double(counts.microseconds) / 1_000_000))
        samples.append(("_count", [], Double(total)))
        return samples
    }
}
