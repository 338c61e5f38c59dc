extension Double {
    /// Plain decimal notation with a fixed number of places, rounded half away from zero; the same on every platform
    /// and in every locale.
    func formatted(decimals: Int) -> String {
        guard isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(self)" }
        let whole = Int64(scaled)
        let divisor = Int64(scale)
        let sign = self < 0 && whole != 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let fraction = String(whole % divisor)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(whole / divisor).\(zeros)\(fraction)"
    }
}
