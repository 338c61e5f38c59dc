/// Where a generator's decisions come from, and where they are written down.
///
/// Every generated value is a function of a sequence of numbers, each drawn under a bound. Fresh cases draw them at
/// random; a failing case is then shrunk by editing its sequence and generating from it again. So there is no shrinker
/// to be written for a type, whatever `map` and `flatMap` lie in between, and no invalid value can come out of
/// shrinking. The idea is Hypothesis's: David MacIver and Alastair Donaldson, "Test-Case Reduction via Test-Case
/// Generation: Insights from the Hypothesis Reducer", ECOOP 2020.
public struct ChoiceSource: Sendable {
    private enum Origin: Sendable {
        case fresh(Xoshiro256)
        case recorded([UInt64])
    }

    private var origin: Origin
    private let maximumChoices: Int
    /// What has been drawn so far.
    private(set) var choices: [UInt64] = []
    /// Which stretches of ``choices`` belong together, in the order of their ends: whoever shrinks moves them as one.
    private(set) var spans: [Range<Int>] = []

    /// Draws at random.
    init(seed: UInt64, maximumChoices: Int) {
        self.origin = .fresh(Xoshiro256(seed: seed))
        self.maximumChoices = maximumChoices
    }

    /// Draws what was recorded, too large numbers cut to their bound, and zeros past its end.
    init(replaying choices: [UInt64], maximumChoices: Int) {
        self.origin = .recorded(choices)
        self.maximumChoices = maximumChoices
    }

    var isReplaying: Bool {
        if case .recorded = origin { true } else { false }
    }

    /// Draws a number from 0 to the bound, both included. Zero is what shrinking strives for.
    /// - Parameter pick: how to choose when drawing at random; evenly by default.
    /// - Throws: ``Rejection`` when the case has grown past its limit.
    public mutating func draw(
        upTo bound: UInt64,
        pick: (inout Xoshiro256) -> UInt64? = { _ in nil }
    ) throws(Rejection) -> UInt64 {
        guard choices.count < maximumChoices else { throw Rejection(reason: "more than \(maximumChoices) choices") }
        let choice: UInt64
        switch origin {
        case .fresh(var random):
            choice = min(pick(&random) ?? UInt64.random(in: 0...bound, using: &random), bound)
            origin = .fresh(random)
        case .recorded(let recorded):
            choice = choices.count < recorded.count ? min(recorded[choices.count], bound) : 0
        }
        choices.append(choice)
        return choice
    }

    /// Picks a number that is not recorded; zero when replaying. For decisions that recorded choices make visible
    /// anyway, as the length of an array does.
    mutating func hint(upTo bound: UInt64) -> UInt64 {
        guard case .fresh(var random) = origin else { return 0 }
        defer { origin = .fresh(random) }
        return UInt64.random(in: 0...bound, using: &random)
    }

    /// Marks what the body draws as belonging together.
    mutating func span<Value>(_ body: (inout ChoiceSource) throws(Rejection) -> Value) throws(Rejection) -> Value {
        let start = choices.count
        let value = try body(&self)
        if choices.count > start { spans.append(start..<choices.count) }
        return value
    }

    /// Forgets what was drawn since there were this many choices, as if it had never been.
    mutating func rewind(to count: Int) {
        choices.removeSubrange(count...)
        spans.removeAll { $0.upperBound > count }
    }
}

/// A case that cannot be made: a filter found nothing, or it grew past its limit.
public struct Rejection: Error, Sendable, Hashable {
    /// Why.
    public let reason: String

    /// Rejects the case being generated.
    public init(reason: String) { self.reason = reason }
}
