/// The outcomes of the latest calls, one bit each, oldest forgotten first.
///
/// Counting calls rather than seconds keeps the verdict independent of the request rate: a quiet dependency is
/// judged by as many calls as a busy one.
struct FailureWindow: Sendable, Hashable {
    /// One machine word holds the window.
    static let largestSize = 64

    private let size: Int
    private var bits: UInt64 = 0
    private(set) var count = 0
    private(set) var failures = 0

    init(size: Int) {
        precondition((1...Self.largestSize).contains(size), "the window holds 1 to \(Self.largestSize) calls")
        self.size = size
    }

    mutating func append(failed: Bool) {
        let oldest: UInt64 = 1 << UInt64(size - 1)
        if count == size {
            if bits & oldest != 0 { failures -= 1 }
        } else {
            count += 1
        }
        bits = ((bits & ~oldest) << 1) | (failed ? 1 : 0)
        if failed { failures += 1 }
    }

    /// The share of failed calls, 0 to 1; 0 when there was none.
    var failureRate: Double { count == 0 ? 0 : Double(failures) / Double(count) }
}
