/// What a server's counter grew by over a stretch of the run, from the samples within it.
public enum CounterDelta {
    /// The growth of every matching series, added over all servers. A counter that fell belongs to a server that was
    /// started again: it counts from 0.
    /// - Parameter isWanted: told each series as Prometheus prints it, `name{label="value"}`.
    public static func sum(
        in range: Range<Int64>, of metrics: [MetricsSample], where isWanted: (PrometheusSeries) -> Bool
    ) -> Double {
        let bySource = Dictionary(grouping: metrics, by: \.source)
        return bySource.values.reduce(0) { $0 + growth(of: counters(in: $1, within: range), where: isWanted) }
    }

    /// Only samples within the range: what was counted before it began must not be counted as having met the fault.
    private static func counters(in samples: [MetricsSample], within range: Range<Int64>) -> [[String: Double]] {
        samples.compactMap { sample in
            guard sample.time >= range.lowerBound, sample.time <= range.upperBound,
                case .counters(let counters) = sample.content
            else { return nil }
            return counters
        }
    }

    private static func growth(of samples: [[String: Double]], where isWanted: (PrometheusSeries) -> Bool) -> Double {
        guard samples.count > 1 else { return 0 }
        var names = Set<String>()
        for sample in samples { names.formUnion(sample.keys) }
        var total = 0.0
        for name in names where isWanted(PrometheusSeries(name)) {
            for (old, new) in zip(samples, samples.dropFirst()) {
                let (old, new) = (old[name] ?? 0, new[name] ?? 0)
                total += new >= old ? new - old : new
            }
        }
        return total
    }
}
