extension Fault {
    /// A parameter that is a length of time: `300ms`, `1.5s`, `2m`.
    /// - Throws: ``FleetError/usage(_:)`` when it is missing without a standard value, unreadable, or out of range.
    func duration(
        _ name: String, standard: Duration? = nil, in range: ClosedRange<Duration>
    ) throws(FleetError) -> Duration {
        guard let text = parameters[name] else {
            if let standard { return standard }
            throw .usage("\(kind.rawValue) needs `\(name)`: give it with --set \(name)=300ms")
        }
        guard let value = Duration(text: text) else {
            throw .usage("\(kind.rawValue): \(name)=\(text) is no length of time; write 300ms, 1.5s or 2m")
        }
        guard range.contains(value) else {
            throw .usage("\(kind.rawValue): \(name)=\(text) is outside \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

extension Duration {
    /// Reads `300ms`, `1.5s`, `2m` or `1h`; nil when it is none of these.
    public init?(text: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
        guard let (unit, seconds) = units.first(where: { text.hasSuffix($0.0) }),
            let value = Double(text.dropLast(unit.count)), value.isFinite, (0...1_000_000).contains(value)
        else { return nil }
        self = .nanoseconds(Int64((value * seconds * 1_000_000_000).rounded()))
    }
}
