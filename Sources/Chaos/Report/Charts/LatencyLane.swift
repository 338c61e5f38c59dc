import Foundation

/// Every operation as a point at when it was due and how long it took, on a logarithmic scale, with the median and the
/// 99th percentile over them.
struct LatencyLane: Lane {
    let title = "Latency"
    let subtitle = "ms, log scale"
    let height = 190.0
    let points: ScatterSample
    /// Median and p99 in nanoseconds for each bucket of the axis.
    let quantiles: [(p50: Int64, p99: Int64)?]

    private static let floor = 0.1e6
    private static let ceiling = 3_000e6

    /// Distance from the lane's top for a latency in nanoseconds.
    func offset(_ latency: Int64) -> Double {
        let value = Foundation.log10(min(max(Double(latency), Self.floor), Self.ceiling))
        let (low, high) = (Foundation.log10(Self.floor), Foundation.log10(Self.ceiling))
        return height * (1 - (value - low) / (high - low))
    }

    func draw(into drawing: inout Drawing, top: Double, axis: TimeAxis) {
        for (name, latency) in [("0.1", 100_000), ("1", 1_000_000), ("10", 10_000_000), ("100", 100_000_000)] {
            tick(name, y: top + offset(Int64(latency)), into: &drawing)
        }
        tick("1000", y: top + offset(1_000_000_000), into: &drawing)
        for outcome in Operation.Outcome.allCases {
            var data = ""
            for point in points.points where point.outcome == outcome {
                let (x, y) = (axis.x(point.start), top + offset(point.latency ?? 0))
                data += Self.mark(outcome, x: x, y: y)
            }
            drawing.path(data, class: "point \(outcome.rawValue)")
        }
        let centers = axis.buckets.map { axis.x(($0.lowerBound + $0.upperBound) / 2) }
        for (name, value) in [("p50", { $0.p50 }), ("p99", { $0.p99 })]
            as [(String, ((p50: Int64, p99: Int64)) -> Int64)]
        {
            let line = zip(centers, quantiles).map { x, pair in
                pair.map { (x: x, y: top + offset(value($0))) }
            }
            drawing.polyline(line, class: "quantile halo")
            drawing.polyline(line, class: "quantile \(name)")
        }
    }

    /// Outcomes differ in shape as well as in colour: dot, cross, diamond.
    private static func mark(_ outcome: Operation.Outcome, x: Double, y: Double) -> String {
        func n(_ value: Double) -> String { Drawing.number(value) }
        return switch outcome {
        case .ok: "M\(n(x)) \(n(y))h0"
        case .fail: "M\(n(x - 2.5)) \(n(y - 2.5))l5 5m0 -5l-5 5"
        case .info: "M\(n(x)) \(n(y - 3.5))l3.5 3.5l-3.5 3.5l-3.5 -3.5z"
        }
    }
}
