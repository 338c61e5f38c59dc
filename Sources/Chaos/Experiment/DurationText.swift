extension Duration {
    /// The shortest way to write it that ``init(text:)`` reads back: `300ms`, `8s`.
    public var text: String {
        if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
        if nanoseconds % 1_000_000 == 0 { return "\(nanoseconds / 1_000_000)ms" }
        return "\(milliseconds.formatted(decimals: 3))ms"
    }
}
