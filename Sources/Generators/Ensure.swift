/// States what has to hold inside a property.
///
/// A property is run many times while its failing case is made smaller, so it must not report each failure to the test
/// framework, as `#expect` and `#require` do: it throws, and the check reports once.
/// - Throws: ``PropertyFailure`` when the condition does not hold.
public func ensure(
    _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) throws(PropertyFailure) {
    if !condition { throw PropertyFailure(message: "\(message()) (\(file):\(line))") }
}

/// A property did not hold.
public struct PropertyFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What did not hold, and where.
    public let message: String

    /// Makes the error.
    public init(message: String) { self.message = message }

    /// What did not hold, and where.
    public var description: String { message }
}
