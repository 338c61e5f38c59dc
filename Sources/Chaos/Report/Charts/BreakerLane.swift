/// The states of the breakers, one row for each dependency of each server that had any but `closed`.
struct BreakerLane: Lane {
    let title = "Breakers"
    var subtitle: String { hidden > 0 ? "\(hidden) more stayed closed" : "by server" }
    var height: Double { max(Double(rows.count) * Self.rowHeight, Self.rowHeight) }
    let rows: [Row]
    /// Breakers that were closed throughout.
    let hidden: Int

    struct Row {
        var name: String
        var spans: [(range: Range<Int64>, state: String)]
    }

    private static let rowHeight = 19.0
    static let maximumRows = 12

    /// - Parameter dependency: shown even when it was closed throughout: the one that was broken.
    init(metrics: [MetricsSample], dependency: String?, axis: TimeAxis) {
        var names = Set<String>()
        for sample in metrics {
            if case .readiness(_, let breakers, _) = sample.content { names.formUnion(breakers.keys) }
        }
        var rows: [Row] = []
        var hidden = 0
        for name in names.sorted() {
            for timeline in BreakerTimeline.all(of: name, in: metrics.filter { axis.range.contains($0.time) }) {
                let isQuiet = timeline.looks.allSatisfy { $0.state == "closed" }
                if (isQuiet && name != dependency) || rows.count >= Self.maximumRows {
                    hidden += 1
                } else {
                    rows.append(
                        Row(
                            name: "\(timeline.server) → \(name)",
                            spans: Self.spans(timeline, end: axis.range.upperBound)))
                }
            }
        }
        self.rows = rows
        self.hidden = hidden
    }

    /// Looks of the same state in a row are one span, each until the next look.
    private static func spans(_ timeline: BreakerTimeline, end: Int64) -> [(range: Range<Int64>, state: String)] {
        var spans: [(range: Range<Int64>, state: String)] = []
        for (position, look) in timeline.looks.enumerated() {
            let next = position + 1 < timeline.looks.count ? timeline.looks[position + 1].time : end
            if let last = spans.last, last.state == look.state {
                spans[spans.count - 1].range = last.range.lowerBound..<max(next, last.range.lowerBound)
            } else {
                spans.append((look.time..<max(next, look.time), look.state))
            }
        }
        return spans
    }

    func draw(into drawing: inout Drawing, top: Double, axis: TimeAxis) {
        guard !rows.isEmpty else {
            drawing.label("all closed", x: TimeAxis.left + 6, y: top + 13, class: "row-name")
            return
        }
        for (number, row) in rows.enumerated() {
            let y = top + Double(number) * Self.rowHeight
            for span in row.spans {
                let (left, right) = (axis.x(span.range.lowerBound), axis.x(span.range.upperBound))
                drawing.rectangle(
                    x: left, y: y + 2, width: right - left, height: Self.rowHeight - 4,
                    class: "breaker \(span.state)", title: "\(row.name): \(span.state)")
            }
            drawing.label(row.name, x: TimeAxis.left + 6, y: y + 13, class: "row-name")
        }
    }
}
