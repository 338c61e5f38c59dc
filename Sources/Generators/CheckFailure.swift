/// A property that does not hold for every case, or could not be checked.
public enum CheckFailure: Error, Sendable, CustomStringConvertible {
    /// What is known about a failing case.
    public struct Counterexample: Sendable {
        /// Makes this very case when it is the seed of a check of one case.
        public let seed: UInt64
        /// How many cases had held before.
        public let casesHeld: Int
        /// The smallest failing case that was found, described.
        public let smallestCase: String
        /// What went wrong in the smallest case.
        public let error: any Error
        /// How often the property was run to find it.
        public let shrinkRuns: Int
        /// Whether shrinking came to an end by itself, rather than by a limit.
        public let isFullyShrunk: Bool
    }

    /// The property does not hold.
    case broken(Counterexample)
    /// The generator rejects nearly everything, for instance by a filter that accepts too little.
    case tooManyRejected(casesHeld: Int, rejected: Int, lastReason: String)
    /// Too few cases in the time there was.
    case outOfTime(casesHeld: Int, wanted: Int)
    /// A variable of the environment is not a number.
    case badVariable(name: String, value: String)

    /// What was found and how to see it again.
    public var description: String {
        switch self {
        case .broken(let found):
            """
            the property does not hold, after \(found.casesHeld) cases that did
            smallest failing case\(found.isFullyShrunk ? "" : " so far"): \(found.smallestCase)
            because: \(found.error)
            replay with: \(CheckVariable.seed)=\(found.seed) \(CheckVariable.cases)=1
            """
        case .tooManyRejected(let held, let rejected, let reason):
            "\(rejected) cases were rejected while \(held) held; the last because \(reason): generate values that fit"
                + " instead of filtering"
        case .outOfTime(let held, let wanted):
            "only \(held) of \(wanted) cases were tried in the time there was: ask for fewer or raise the limit"
        case .badVariable(let name, let value):
            "\(name) is \"\(value)\", which is not a number: set it to what a failing check printed, or unset it"
        }
    }
}

/// The variables of the environment that replay a case.
enum CheckVariable {
    static let seed = "SEAWORTHY_SEED"
    static let cases = "SEAWORTHY_CASES"
}
