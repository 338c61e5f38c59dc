/// A call got no slot, so nothing was sent.
public struct BulkheadError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why there was no slot.
    public enum Reason: Sendable, Hashable {
        /// As many as may wait are waiting already.
        case queueFull
        /// No slot came free before the deadline.
        case deadlineExceeded
        /// The caller went away.
        case cancelled
    }

    /// The dependency's name.
    public let name: String
    /// Why there was no slot.
    public let reason: Reason

    /// Says which dependency is full and what to do.
    public var description: String {
        switch reason {
        case .queueFull: "\(name) is at its limit and so is its queue: try again later"
        case .deadlineExceeded: "\(name) had no free slot before the deadline: try again later"
        case .cancelled: "the call was cancelled while it waited for \(name)"
        }
    }
}
