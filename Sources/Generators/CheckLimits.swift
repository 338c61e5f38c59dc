/// How far a check may go.
public struct CheckLimits: Sendable, Hashable {
    /// A case with more choices is rejected.
    public var maximumChoices: Int
    /// How many rejected cases are put up with for each one that is wanted.
    public var maximumRejectionsPerCase: Int
    /// How long cases may be tried.
    public var time: Duration
    /// How often the property may be run to make a failing case smaller.
    public var shrinkRuns: Int
    /// How long a failing case may be made smaller.
    public var shrinkTime: Duration

    /// Makes limits; counts are at least 1.
    public init(
        maximumChoices: Int = 16_384, maximumRejectionsPerCase: Int = 20, time: Duration = .seconds(120),
        shrinkRuns: Int = 5000, shrinkTime: Duration = .seconds(20)
    ) {
        self.maximumChoices = max(maximumChoices, 1)
        self.maximumRejectionsPerCase = max(maximumRejectionsPerCase, 1)
        self.time = time
        self.shrinkRuns = max(shrinkRuns, 1)
        self.shrinkTime = shrinkTime
    }
}
