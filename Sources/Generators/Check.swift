/// Tries a property on many generated cases.
///
/// The first case that fails is made as small as possible and thrown, with the seed that makes it again:
/// `SEAWORTHY_SEED` and `SEAWORTHY_CASES` in the environment come before the arguments.
/// - Parameters:
///   - count: how many cases to try.
///   - seed: the first case's; the others follow from it. Fresh each time when not given.
///   - property: throws for a case that it does not hold for; see ``ensure(_:_:file:line:)``. It is run many times, on
///     many cases, so it starts afresh each time.
/// - Throws: ``CheckFailure``, or `CancellationError` when cancelled.
public func check<Value>(
    _ generator: Generator<Value>, count: Int = 100, seed: UInt64? = nil, limits: CheckLimits = .init(),
    isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
) async throws {
    try await check(
        generator, count: count, seed: seed, limits: limits, environment: LiveEnvironment(), property)
}

func check<Value>(
    _ generator: Generator<Value>, count: Int, seed: UInt64?, limits: CheckLimits, environment: LiveEnvironment,
    isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
) async throws {
    let firstSeed = try variable(CheckVariable.seed, in: environment) ?? seed ?? environment.freshSeed()
    let wanted = try variable(CheckVariable.cases, in: environment).map { Int(clamping: $0) } ?? count
    let end = environment.now() + limits.time
    var held = 0
    var rejected = 0
    while held < wanted {
        try Task.checkCancellation()
        // Cases may never suspend, and others want the few threads that there are.
        if held.isMultiple(of: 16) { await Task.yield() }
        guard environment.now() < end else { throw CheckFailure.outOfTime(casesHeld: held, wanted: wanted) }
        // The case's own seed, so that a replay need not repeat those before it.
        let caseSeed = firstSeed &+ UInt64(held + rejected)
        var source = ChoiceSource(seed: caseSeed, maximumChoices: limits.maximumChoices)
        let value: Value
        do {
            value = try generator.draw(from: &source)
        } catch {
            rejected += 1
            guard rejected < max(wanted, 1) * limits.maximumRejectionsPerCase else {
                throw CheckFailure.tooManyRejected(casesHeld: held, rejected: rejected, lastReason: error.reason)
            }
            continue
        }
        do {
            try await property(value)
            held += 1
        } catch {
            // A cancelled test is over; its cases prove nothing.
            try Task.checkCancellation()
            let failing = FailingCase(choices: source.choices, spans: source.spans, value: value, error: error)
            var shrinker = Shrinker(generator: generator, best: failing, limits: limits, now: environment.now)
            try await shrinker.shrink(property)
            throw CheckFailure.broken(shrinker.counterexample(seed: caseSeed, casesHeld: held))
        }
    }
}

private func variable(_ name: String, in environment: LiveEnvironment) throws(CheckFailure) -> UInt64? {
    guard let text = environment.variable(name) else { return nil }
    guard let number = UInt64(text) else { throw .badVariable(name: name, value: text) }
    return number
}
