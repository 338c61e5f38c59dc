/// A program to run, as the Chaos Toolkit's provider of that name.
public struct ProcessProvider: Sendable, Equatable {
    /// The executable, by path or name.
    public var path: String
    /// Passed on as they are, without a shell.
    public var arguments: [String]
    /// Still running after this, it is ended and has failed.
    public var timeout: Duration
}
