/// The stretches in which something was broken, over the height of all lanes: solid where each look saw the fault in
/// force, hatched where one did not.
struct FaultBand {
    let facts: RunFacts

    func draw(into drawing: inout Drawing, top: Double, height: Double, axis: TimeAxis) {
        for injection in facts.injections {
            let end = injection.healing ?? axis.range.upperBound
            let healed = injection.healed ?? end
            for (range, isVerified) in stretches(of: injection, until: end) {
                drawing.rectangle(
                    x: axis.x(range.lowerBound), y: top, width: axis.x(range.upperBound) - axis.x(range.lowerBound),
                    height: height, class: isVerified ? "band verified" : "band doubtful")
            }
            drawing.rectangle(
                x: axis.x(end), y: top, width: axis.x(healed) - axis.x(end), height: height, class: "band healing")
            drawing.line(
                x1: axis.x(injection.began), y1: top, x2: axis.x(injection.began), y2: top + height, class: "edge")
            drawing.line(x1: axis.x(end), y1: top, x2: axis.x(end), y2: top + height, class: "edge")
        }
    }

    /// From each look to the next one counts as the look saw it.
    private func stretches(
        of injection: RunFacts.Injection, until end: Int64
    ) -> [(range: Range<Int64>, isVerified: Bool)] {
        let looks = injection.observations.filter { $0.time < end }
        guard let first = looks.first else { return [(injection.began..<max(end, injection.began), false)] }
        var stretches: [(range: Range<Int64>, isVerified: Bool)] = []
        var start = injection.began
        var isVerified = first.inForce
        for look in looks.dropFirst() where look.inForce != isVerified {
            stretches.append((start..<max(look.time, start), isVerified))
            (start, isVerified) = (max(look.time, start), look.inForce)
        }
        stretches.append((start..<max(end, start), isVerified))
        return stretches
    }
}
