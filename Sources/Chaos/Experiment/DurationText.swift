extension Duration {
    /// Reads `300ms`, `8s`, `1.5s`, `2m`; nil for anything else, for negative times and for more than a day.
    public init?(text: String) {
        let units: [(suffix: String, nanoseconds: Double)] = [
            ("ms", 1e6), ("us", 1e3), ("ns", 1), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
        ]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard !digits.isEmpty, digits.allSatisfy({ $0.isNumber || $0 == "." }), let number = Double(digits) else {
            return nil
        }
        let nanoseconds = number * unit.nanoseconds
        guard nanoseconds <= 86_400e9 else { return nil }
        self = .nanoseconds(Int64(nanoseconds))
    }

    /// The shortest way to write it that ``init(text:)`` reads back: `300ms`, `8s`.
    public var text: String {
        if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
        if nanoseconds % 1_000_000 == 0 { return "\(nanoseconds / 1_000_000)ms" }
        return "\(nanoseconds)ns"
    }
}
