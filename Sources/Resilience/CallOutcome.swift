/// What a call says about the health of the thing that was called.
public enum CallOutcome: Sendable, Hashable, CaseIterable {
    /// It answered, if only to say no: a constraint violation or a missing key is a healthy answer.
    case success
    /// It did not answer in time, the connection was lost, or it said that it cannot work.
    case failure
    /// Nothing was learned: the caller went away, or nothing was sent.
    case ignored
}
