import Foundation

/// Operations a second by how they ended, stacked.
struct ThroughputLane: Lane {
    let title = "Throughput"
    let subtitle = "operations / s"
    let height = 96.0
    /// Operations of each bucket by outcome.
    let counts: [[Operation.Outcome: Int]]

    private static let perSecond = 1e9 / Double(TimeAxis.bucketNanoseconds)

    func draw(into drawing: inout Drawing, top: Double, axis: TimeAxis) {
        let rates = counts.map { $0.mapValues { Double($0) * Self.perSecond } }
        let most = max(rates.map { $0.values.reduce(0, +) }.max() ?? 0, 1)
        let scale = NiceScale(maximum: most, ticks: 3)
        for value in scale.values {
            tick(scale.text(value), y: top + height * (1 - value / scale.maximum), into: &drawing)
        }
        for (range, rate) in zip(axis.buckets, rates) {
            var base = 0.0
            let (left, right) = (axis.x(range.lowerBound), axis.x(range.upperBound))
            for outcome in [Operation.Outcome.ok, .info, .fail] {
                let value = rate[outcome] ?? 0
                guard value > 0 else { continue }
                let length = height * value / scale.maximum
                drawing.rectangle(
                    x: left + 0.4, y: top + height - base - length, width: right - left - 0.8, height: length,
                    class: "bar \(outcome.rawValue)")
                base += length
            }
        }
    }
}

/// Round values for an axis that starts at 0.
struct NiceScale {
    let maximum: Double
    let values: [Double]

    init(maximum: Double, ticks: Int) {
        let rough = maximum / Double(ticks)
        let magnitude = Foundation.pow(10, Foundation.log10(rough).rounded(.down))
        let step = [1, 2, 2.5, 5, 10].map { $0 * magnitude }.first { $0 >= rough } ?? rough
        let count = (maximum / step).rounded(.up)
        self.maximum = step * count
        values = (0...Int(count)).map { Double($0) * step }
    }

    func text(_ value: Double) -> String { Drawing.number(value) }
}
