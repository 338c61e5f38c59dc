extension Duration {
    /// Whole nanoseconds, rounded towards zero; the greatest there are when it is longer than 292 years.
    public var nanoseconds: Int64 {
        let (seconds, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : seconds &+ components.attoseconds / 1_000_000_000
    }

    /// In milliseconds, with fractions.
    public var milliseconds: Double { Double(nanoseconds) / 1_000_000 }
}
