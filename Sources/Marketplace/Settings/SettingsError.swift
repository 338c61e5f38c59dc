/// Settings that cannot be used; nothing was started.
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A sentence for each.
    public let complaints: [String]

    /// Makes the error from everything that is wrong.
    public init(_ complaints: [String]) {
        self.complaints = complaints
    }

    public var description: String {
        complaints.joined(separator: "\n") + "\n`marketplace serve --help-settings` lists every setting."
    }
}
