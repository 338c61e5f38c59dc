/// Something that runs outside pipeline mode, inside a transaction: SQL of several statements, or a COPY.
struct SimpleExchange {
    enum Step {
        case finished([ResultStorage])
        /// The server waits for the rows of a COPY.
        case copyReady
        /// The socket takes more rows.
        case copyTaken
    }

    typealias Answer = Result<Step, PostgresError>

    var deadline: ContinuousClock.Instant
    /// Who waits for the next step, if anyone does now.
    var continuation: UnsafeContinuation<Answer, Never>?
    var results: [ResultStorage] = []
    var failure: PostgresError?
    var isCopying = false
    /// Rows that libpq had no room for.
    var unsentRows: [UInt8]?
    /// The answer that came while nobody waited.
    var early: Answer?
}
