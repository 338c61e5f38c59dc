/// The stretches of a run in which the machine held the load generator or a processor up for longer than
/// ``Evidence/schedulingDelay``. What was under way in them measures the machine and not the service.
struct HoldUps {
    /// Ascending, none touching the next.
    let ranges: [Range<Int64>]

    /// Reads them from the generator's samples, in the order of time.
    ///
    /// A sample tells the worst delay since the one before, so the hold-up began at most that delay before that one.
    /// What piled up in it is taken to be worked off within the same time again.
    init(_ metrics: [MetricsSample]) {
        var ranges: [Range<Int64>] = []
        var before: Int64?
        for sample in metrics {
            guard case .schedulingDelay(let delay) = sample.content else { continue }
            if delay > Evidence.schedulingDelay.nanoseconds {
                let range = ((before ?? sample.time) - delay)..<(sample.time + delay)
                if let last = ranges.last, range.lowerBound <= last.upperBound {
                    ranges[ranges.count - 1] =
                        min(last.lowerBound, range.lowerBound)..<max(last.upperBound, range.upperBound)
                } else {
                    ranges.append(range)
                }
            }
            before = sample.time
        }
        self.ranges = ranges
    }

    /// Whether any part of this stretch fell into one.
    func touch(_ start: Int64, _ end: Int64) -> Bool {
        // The first that ends after `start`: ranges do not overlap, so their ends ascend too.
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound > start { high = middle } else { low = middle + 1 }
        }
        return low < ranges.count && ranges[low].lowerBound <= end
    }

    /// Which share of a stretch they take, 0 to 1.
    func share(of range: Range<Int64>) -> Double {
        guard !range.isEmpty else { return 0 }
        return Double(length(within: range)) / Double(range.upperBound - range.lowerBound)
    }

    /// How long they are together.
    var total: Duration { .nanoseconds(ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }) }

    /// Nanoseconds of a stretch that fall into one.
    func length(within range: Range<Int64>) -> Int64 {
        ranges.map { $0.clamped(to: range) }.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
    }
}

extension RecordedRun {
    /// The same run without what fell into the hold-ups: operations that any part of one met, and looks within them.
    func without(_ holdUps: HoldUps) -> RecordedRun {
        var rest = self
        rest.operations.removeAll { holdUps.touch($0.start, $0.end ?? $0.start) }
        // Counters only grow: without a look at them, what was counted before it would be missing.
        rest.metrics.removeAll { $0.isLookAtHealth && holdUps.touch($0.time, $0.time) }
        return rest
    }
}
