/// Makes values out of a sequence of choices; see ``ChoiceSource`` for how they shrink.
///
/// Generators are values: they are built from smaller ones and run by ``check(_:count:seed:limits:isolation:_:)``.
public struct Generator<Value: Sendable>: Sendable {
    private let body: @Sendable (inout ChoiceSource) throws(Rejection) -> Value

    /// A generator of one's own. Draw small numbers for simple values: shrinking strives for fewer and smaller choices.
    public init(_ body: @escaping @Sendable (inout ChoiceSource) throws(Rejection) -> Value) {
        self.body = body
    }

    /// Makes one value.
    /// - Throws: ``Rejection`` when these choices make none.
    public func draw(from source: inout ChoiceSource) throws(Rejection) -> Value {
        try source.span(body)
    }

    /// Always the same value.
    public static func always(_ value: Value) -> Generator {
        Generator { (_: inout ChoiceSource) throws(Rejection) in value }
    }

    /// Each value made into another.
    public func map<Other: Sendable>(_ transform: @escaping @Sendable (Value) -> Other) -> Generator<Other> {
        Generator<Other> { (source: inout ChoiceSource) throws(Rejection) in transform(try draw(from: &source)) }
    }

    /// A generator that depends on a value of this one. Both parts keep shrinking.
    public func flatMap<Other: Sendable>(
        _ transform: @escaping @Sendable (Value) -> Generator<Other>
    ) -> Generator<Other> {
        Generator<Other> { (source: inout ChoiceSource) throws(Rejection) in
            try transform(try draw(from: &source)).draw(from: &source)
        }
    }

    /// Only values that satisfy a condition. Prefer generators that need no filter: after `limit` values in a row that
    /// do not satisfy it, the whole case is rejected.
    public func filter(
        limit: Int = 100, _ isIncluded: @escaping @Sendable (Value) -> Bool
    ) -> Generator {
        Generator { (source: inout ChoiceSource) throws(Rejection) in
            // What was passed over is not recorded, so a recorded case gets it right at once or not at all.
            for _ in 0..<(source.isReplaying ? 1 : max(limit, 1)) {
                let start = source.choices.count
                let value = try draw(from: &source)
                if isIncluded(value) { return value }
                source.rewind(to: start)
            }
            throw Rejection(reason: "no value in \(limit) satisfied a filter")
        }
    }
}
