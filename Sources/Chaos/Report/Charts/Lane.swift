/// One strip of an experiment's chart. All lanes share the time axis; each draws between its own top and bottom.
protocol Lane {
    var title: String { get }
    /// The unit, or what the colours mean.
    var subtitle: String { get }
    var height: Double { get }
    func draw(into drawing: inout Drawing, top: Double, axis: TimeAxis)
}

extension Lane {
    /// A horizontal grid line with its value.
    func tick(_ value: String, y: Double, into drawing: inout Drawing) {
        drawing.line(x1: TimeAxis.left, y1: y, x2: TimeAxis.right, y2: y, class: "grid")
        drawing.label(value, x: TimeAxis.left - 8, y: y + 3.5, class: "tick end")
    }
}
