/// All lanes of one experiment under its fault bands, as one SVG, and the data for looking closer.
struct ExperimentChart {
    let axis: TimeAxis
    let facts: RunFacts
    let lanes: [any Lane]
    let sample: ScatterSample
    let latency: LatencyLane
    let throughput: ThroughputLane
    let serving: ServingLane

    private static let phaseHeight = 26.0
    private static let gap = 22.0
    private static let axisHeight = 30.0

    init(facts: RunFacts, operations all: [Operation], metrics: [MetricsSample]) {
        axis = TimeAxis(facts)
        self.facts = facts
        let axis = axis
        let operations = all.filter { ($0.isRead || $0.isOrder) && axis.range.contains($0.start) }
        var latencies = [[Int64]](repeating: [], count: axis.buckets.count)
        var counts = [[Operation.Outcome: Int]](repeating: [:], count: axis.buckets.count)
        for operation in operations {
            guard let bucket = axis.bucket(of: operation.start), let outcome = operation.outcome else { continue }
            counts[bucket][outcome, default: 0] += 1
            if let latency = operation.latency { latencies[bucket].append(latency) }
        }
        let quantiles = latencies.map { list -> (p50: Int64, p99: Int64)? in
            let sample = LatencySample(list)
            guard let p50 = sample.quantile(.p50), let p99 = sample.quantile(.p99) else { return nil }
            return (p50.nanoseconds, p99.nanoseconds)
        }
        sample = ScatterSample(operations)
        latency = LatencyLane(points: sample, quantiles: quantiles)
        throughput = ThroughputLane(counts: counts)
        let broken = facts.injections.first?.nodes.first
        let group = facts.groups.values.first { group in broken.map(group.nodes.contains) ?? false }
        serving = ServingLane(operations: operations, group: group, axis: axis)
        lanes = [
            latency, throughput, serving, BreakerLane(metrics: metrics, dependency: broken, axis: axis),
            CacheLane(metrics: metrics, axis: axis),
        ]
    }

    var height: Double {
        Self.phaseHeight + lanes.reduce(0) { $0 + $1.height + Self.gap } + Self.axisHeight
    }

    /// Top of the latency lane, for finding the point under the pointer.
    var latencyTop: Double { Self.phaseHeight + Self.gap / 2 }

    var svg: String {
        var drawing = Drawing()
        let bottom = height - Self.axisHeight
        FaultBand(facts: facts).draw(
            into: &drawing, top: Self.phaseHeight, height: bottom - Self.phaseHeight, axis: axis)
        phases(into: &drawing)
        var top = latencyTop
        for lane in lanes {
            drawing.label(lane.title, x: 0, y: top + 11, class: "lane-title")
            drawing.label(lane.subtitle, x: 0, y: top + 25, class: "lane-subtitle")
            lane.draw(into: &drawing, top: top, axis: axis)
            top += lane.height + Self.gap
        }
        timeScale(into: &drawing, y: bottom)
        drawing.line(x1: -10, y1: Self.phaseHeight, x2: -10, y2: bottom, class: "cursor")
        return """
            <svg viewBox="0 0 \(Drawing.number(TimeAxis.width)) \(Drawing.number(height))" role="img" \
            aria-label="Latency, throughput, serving nodes, breakers and cache hits over time">\(drawing.text)</svg>
            """
    }

    private func phases(into drawing: inout Drawing) {
        let phases: [(String, Range<Int64>?)] = [
            ("warm-up", facts.warmUp), ("baseline", facts.baseline), ("fault", facts.fault),
            ("recovery", facts.recovery),
        ]
        for (name, range) in phases {
            guard let range, !range.isEmpty else { continue }
            let (left, right) = (axis.x(range.lowerBound), axis.x(range.upperBound))
            drawing.rectangle(x: left + 1, y: 2, width: right - left - 2, height: 18, class: "phase \(name)")
            let injection = facts.injections.first
            let text = name == "fault" ? injection.map { "\($0.fault) · \($0.target)" } ?? name : name
            // About six and a half units a letter: what does not fit is left out.
            if Double(text.count) * 6.5 < right - left {
                drawing.label(text, x: (left + right) / 2, y: 15, class: "phase-name \(name)")
            }
        }
    }

    private func timeScale(into drawing: inout Drawing, y: Double) {
        let seconds = axis.seconds(axis.range.upperBound)
        let scale = NiceScale(maximum: max(seconds, 1), ticks: 10)
        for value in scale.values where value <= seconds {
            let x = axis.x(axis.range.lowerBound + Int64(value * 1e9))
            drawing.line(x1: x, y1: y, x2: x, y2: y + 4, class: "grid")
            drawing.label("\(Drawing.number(value)) s", x: x, y: y + 17, class: "tick middle")
        }
    }

    /// What the page's script shows under the pointer.
    var data: JSONValue {
        var buckets: [JSONValue] = []
        for (position, range) in axis.buckets.enumerated() {
            let counts = throughput.counts[position]
            let pair = latency.quantiles[position]
            buckets.append(
                .array([
                    Self.rounded(axis.seconds(range.lowerBound)), .int(Int64(counts[.ok] ?? 0)),
                    .int(Int64(counts[.info] ?? 0)), .int(Int64(counts[.fail] ?? 0)),
                    Self.rounded(pair.map { Double($0.p50) / 1e6 }), Self.rounded(pair.map { Double($0.p99) / 1e6 }),
                ]))
        }
        let points = sample.points.map { operation -> JSONValue in
            let y = latencyTop + latency.offset(operation.latency ?? 0)
            return .array([
                Self.rounded(axis.x(operation.start)), Self.rounded(y), .string(operation.summary),
            ])
        }
        return [
            "left": .double(TimeAxis.left), "right": .double(TimeAxis.right),
            "seconds": .double(axis.seconds(axis.range.upperBound)),
            "bucket": .double(Double(TimeAxis.bucketNanoseconds) / 1e9),
            "buckets": .array(buckets), "points": .array(points),
        ]
    }

    /// Two places are enough to point at.
    private static func rounded(_ value: Double?) -> JSONValue {
        value.map { .double(($0 * 100).rounded() / 100) } ?? .null
    }
}
