import Foundation

/// When requests are due: a Poisson process, as independent clients make one, from a seed. Arrivals depend on nothing
/// but the clock, so a slow service cannot slow them down (no coordinated omission).
struct ArrivalSchedule {
    private var random: SeededRandom
    private let meanGap: Double
    private var due: Double

    /// - Parameters:
    ///   - rate: arrivals a second, over 0.
    ///   - start: the run's nanoseconds from which arrivals come.
    init(rate: Double, start: Int64, random: SeededRandom) {
        self.random = random
        meanGap = 1e9 / rate
        due = Double(start)
    }

    /// The run's nanoseconds at which the next request is due.
    mutating func next() -> Int64 {
        let uniform = Double(random.next() >> 11) * 0x1p-53
        // The inverse of the exponential distribution. Gaps of over ten means are cut: with the few thousand arrivals
        // of a phase they would only make the count less even.
        due += min(-log(1 - uniform), 10) * meanGap
        return Int64(due)
    }
}
