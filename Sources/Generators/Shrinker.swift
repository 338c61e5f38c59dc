/// A case for which the property does not hold, and the choices that make it.
struct FailingCase<Value: Sendable>: Sendable {
    var choices: [UInt64]
    var spans: [Range<Int>]
    var value: Value
    var error: any Error
}

/// Makes a failing case smaller by editing its choices, until no edit helps or a limit is reached.
///
/// Smaller means fewer choices, then smaller ones from the left ("shortlex"). The passes are those of MacIver and
/// Donaldson (ECOOP 2020) that matter for our generators; they stand in Shrinker+passes.swift.
struct Shrinker<Value: Sendable> {
    private let generator: Generator<Value>
    private let limits: CheckLimits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let end: ContinuousClock.Instant
    private(set) var best: FailingCase<Value>
    private var tried: Set<[UInt64]> = []
    private var runs = 0
    /// Whether a limit ended the search.
    private(set) var isExhausted = false

    init(
        generator: Generator<Value>, best: FailingCase<Value>, limits: CheckLimits,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.generator = generator
        self.limits = limits
        self.now = now
        self.end = now() + limits.shrinkTime
        self.best = best
    }

    /// Runs every pass, again and again while one of them helps.
    mutating func shrink(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        var before: [UInt64]
        repeat {
            before = best.choices
            try await deleteChunks(property)
            try await deleteSpans(property)
            try await zeroSpans(property)
            try await minimiseChoices(property)
            try await minimiseEqualChoices(property)
            try await lowerAndDelete(property)
            try await shiftBetweenChoices(property)
            try await sortSpans(property)
        } while best.choices != before && !isExhausted
    }

    /// Generates from edited choices and runs the property, if that may lead to a smaller failing case.
    /// - Returns: whether it did; then it is ``best``.
    mutating func attempt(
        _ edited: [UInt64], isolation: isolated (any Actor)? = #isolation,
        _ property: (Value) async throws -> Void
    ) async throws -> Bool {
        try Task.checkCancellation()
        guard !isExhausted, tried.insert(edited).inserted else { return false }
        guard tried.count < limits.shrinkRuns * 10, runs < limits.shrinkRuns, now() < end else {
            isExhausted = true
            return false
        }
        var source = ChoiceSource(replaying: edited, maximumChoices: limits.maximumChoices)
        guard let value = try? generator.draw(from: &source) else { return false }
        // What was drawn may differ from what was asked for, so it is what gets compared and kept.
        guard Self.isSmaller(source.choices, than: best.choices) else { return false }
        runs += 1
        if runs.isMultiple(of: 16) { await Task.yield() }
        do {
            try await property(value)
            return false
        } catch {
            try Task.checkCancellation()
            best = FailingCase(choices: source.choices, spans: source.spans, value: value, error: error)
            return true
        }
    }

    func counterexample(seed: UInt64, casesHeld: Int) -> CheckFailure.Counterexample {
        let text = (best.value as? String).map { String(reflecting: $0) } ?? String(describing: best.value)
        let limit = 10_000
        return CheckFailure.Counterexample(
            seed: seed, casesHeld: casesHeld,
            smallestCase: text.count <= limit ? text : text.prefix(limit) + "… (cut)",
            error: best.error, shrinkRuns: runs, isFullyShrunk: !isExhausted)
    }

    static func isSmaller(_ left: [UInt64], than right: [UInt64]) -> Bool {
        left.count != right.count ? left.count < right.count : left.lexicographicallyPrecedes(right)
    }
}
