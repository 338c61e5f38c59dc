/// A piece of SVG under construction. Looks are classes of the page's style sheet, so that light and dark are one
/// drawing.
struct Drawing {
    private(set) var text = ""

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, class name: String, title: String? = nil
    ) {
        let open =
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(width, 0)))\" "
            + "height=\"\(Self.number(max(height, 0)))\" class=\"\(name)\""
        text += title.map { "\(open)><title>\(Markup.escape($0))</title></rect>" } ?? "\(open)/>"
    }

    mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, class name: String) {
        text +=
            "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" "
            + "y2=\"\(Self.number(y2))\" class=\"\(name)\"/>"
    }

    mutating func label(_ string: String, x: Double, y: Double, class name: String) {
        text +=
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" class=\"\(name)\">\(Markup.escape(string))</text>"
    }

    mutating func path(_ data: String, class name: String) {
        if !data.isEmpty { text += "<path d=\"\(data)\" class=\"\(name)\"/>" }
    }

    /// A line through the points; one that is nil interrupts it.
    mutating func polyline(_ points: [(x: Double, y: Double)?], class name: String) {
        var data = ""
        var isDrawing = false
        for point in points {
            guard let point else {
                isDrawing = false
                continue
            }
            data += "\(isDrawing ? "L" : "M")\(Self.number(point.x)) \(Self.number(point.y))"
            isDrawing = true
        }
        path(data, class: name)
    }

    /// One decimal is a tenth of a pixel.
    static func number(_ value: Double) -> String {
        let text = value.formatted(decimals: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
