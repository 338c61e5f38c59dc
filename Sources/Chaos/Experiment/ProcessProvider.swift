/// A program to run, as the Chaos Toolkit's provider of that name.
public struct ProcessProvider: Sendable, Equatable {
    public var path: String
    public var arguments: [String]
    public var timeout: Duration
}
