/// Whoever opened a connection and gives it work. All calls come on the reactor.
protocol ConnectionOwner: AnyObject, Sendable {
    func connectionOpened(_ connection: PostgresConnection)
    /// It answered something, so that it may take more.
    func connectionHasRoom(_ connection: PostgresConnection)
    /// It is gone, or never came to be. Its calls have their answers.
    func connectionClosed(_ connection: PostgresConnection, wasOpen: Bool, _ reason: PostgresError.Reason)
}
