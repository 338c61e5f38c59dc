import Postgres

extension RoutedDatabase {
    /// What the caller of a read is told: it may always ask again. A refusal of the statement stays as it is.
    func readProblem(_ error: (any Error)?, of shard: Shard) -> any Error {
        guard let error = error as? PostgresError, error.outcome == .unknown else { return problem(error, of: shard) }
        if case .cancelled = error.reason { return CancellationError() }
        return unavailable("\(shard.name) did not answer in time.", .seconds(1))
    }

    /// What the caller of a write is told; a refusal of the statement itself stays as it is, for the store to explain.
    func problem(_ error: (any Error)?, of shard: Shard) -> any Error {
        switch error {
        case nil:
            return unavailable("No node of \(shard.name) answers.", cooldown)
        case Dependency.Refusal.breaker(let retryAfter)?:
            return unavailable("\(shard.name) does not answer now.", retryAfter)
        case Dependency.Refusal.bulkhead?:
            return Problem(
                .overloaded, "Too many calls wait for \(shard.name). Try again later.", retryAfter: .seconds(1))
        case let error as PostgresError:
            return problem(error, of: shard)
        case let error?:
            return error
        }
    }

    func problem(_ error: PostgresError, of shard: Shard) -> any Error {
        if error.outcome == .unknown {
            return Problem(
                .outcomeUnknown,
                "\(shard.name) was asked and gave no answer: it may or may not have been done. Ask again, with the "
                    + "same Idempotency-Key if there was one.", retryAfter: .seconds(1))
        }
        switch error.reason {
        case .cancelled: return CancellationError()
        case .server(let server) where server.sqlState == .lockNotAvailable || server.sqlState.isTransient:
            return Problem(.overloaded, "Others are changing the same things. Try again.", retryAfter: .seconds(1))
        case .server(let server) where error.health == .success && !server.isFatal:
            return error
        case .poolExhausted:
            return Problem(.overloaded, "Every connection to \(shard.name) is busy.", retryAfter: .seconds(1))
        case .invalidQuery:
            return error
        default:
            return unavailable("\(shard.name) does not answer now.", cooldown)
        }
    }

    func unavailable(_ detail: String, _ retryAfter: Duration) -> Problem {
        Problem(.unavailable, detail + " Nothing was done.", retryAfter: retryAfter)
    }

    /// No node has seen what the session has, and none that answers will.
    func consistencyUnavailable(_ shard: Shard) -> Problem {
        Problem(
            .consistencyUnavailable,
            "No node of \(shard.name) that answers has seen what your Consistency-Token has. Try again with it, or "
                + "without it take what there is.", retryAfter: .seconds(1))
    }

    /// What the session has seen is gone for good.
    func historyLost(_ shard: Shard) -> Problem {
        Problem(
            .historyLost,
            "A replica of \(shard.name) was promoted that had not received all that your Consistency-Token has seen: "
                + "the last of it is lost. Drop the token, read again, and repeat what is missing.")
    }
}
