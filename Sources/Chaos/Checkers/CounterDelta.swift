/// What a server's counter grew by over a stretch of the run, from the samples around it.
public enum CounterDelta {
    /// The growth of every matching series, added over all servers. A counter that fell belongs to a server that was
    /// started again: it counts from 0.
    /// - Parameter isWanted: told each series as Prometheus prints it, `name{label="value"}`.
    public static func sum(
        in range: Range<Int64>, of metrics: [MetricsSample], where isWanted: (PrometheusSeries) -> Bool
    ) -> Double {
        let bySource = Dictionary(grouping: metrics, by: \.source)
        return bySource.values.reduce(0) { $0 + growth(of: counters(in: $1, around: range), where: isWanted) }
    }

    /// The samples within the range, and the nearest one on each side.
    private static func counters(in samples: [MetricsSample], around range: Range<Int64>) -> [[String: Double]] {
        let all = samples.compactMap { sample -> (time: Int64, counters: [String: Double])? in
            if case .counters(let counters) = sample.content { (sample.time, counters) } else { nil }
        }
        let before = all.last { $0.time <= range.lowerBound }
        let within = all.filter { $0.time > range.lowerBound && $0.time < range.upperBound }
        let after = all.first { $0.time >= range.upperBound }
        return ([before].compactMap(\.self) + within + [after].compactMap(\.self)).map(\.counters)
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
