import HTTPTypes

extension HTTPField.Name {
    // Names that HTTPTypes does not know; they are tokens, so the initializer cannot fail.
    static let requestID = Self("X-Request-Id")!
    static let customerID = Self("X-Customer-Id")!
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotentReplayed = Self("Idempotent-Replayed")!
    static let consistencyToken = Self("Consistency-Token")!
    static let degraded = Self("Degraded")!
    static let serverTiming = Self("Server-Timing")!
    static let referrerPolicy = Self("Referrer-Policy")!
    static let frameOptions = Self("X-Frame-Options")!
    static let resourcePolicy = Self("Cross-Origin-Resource-Policy")!
}
