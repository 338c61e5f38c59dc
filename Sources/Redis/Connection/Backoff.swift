/// How long to wait before the next attempt to connect: exponential with equal jitter
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
struct Backoff: Sendable {
    let base: Duration
    let maximum: Duration

    /// - Parameters:
    ///   - failures: attempts that failed in a row, 1 or more.
    ///   - random: from 0 up to, not including, 1.
    func delay(after failures: Int, random: Double) -> Duration {
        var whole = base
        var doublings = failures - 1
        while doublings > 0, whole < maximum {
            whole *= 2
            doublings -= 1
        }
        whole = min(whole, maximum)
        return whole / 2 + (whole / 2) * random
    }
}
