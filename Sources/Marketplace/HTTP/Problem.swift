import HTTPTypes
import Hummingbird

/// A failure as the API tells it: `application/problem+json` (RFC 9457) with a code to act on.
public struct Problem: Error, Sendable, Hashable {
    /// One thing that is wrong with the input.
    public struct Detail: Sendable, Hashable {
        /// Where, as a JSON pointer (RFC 6901) into the body, for example `/items/0/quantity`.
        public let pointer: String
        /// What would be right there.
        public let message: String

        /// Makes a detail.
        public init(pointer: String, message: String) {
            self.pointer = pointer
            self.message = message
        }
    }

    /// What clients act on.
    public let code: ProblemCode
    /// What was wrong, where, and what to do.
    public let detail: String
    /// What is wrong with the input; empty when it is not at fault.
    public let errors: [Detail]
    /// When to try again; rendered in whole seconds, at least one. Nil when waiting does not help.
    public let retryAfter: Duration?

    /// Makes a problem.
    public init(_ code: ProblemCode, _ detail: String, errors: [Detail] = [], retryAfter: Duration? = nil) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
    }

    /// The answer that carries this problem.
    public func response(requestID: String) -> Response {
        var json = JSONWriter()
        json.object { json in
            json.member("type", "/docs#\(code.rawValue)")
            json.member("title", code.title)
            json.member("status", code.status.code)
            json.member("detail", detail)
            json.member("code", code.rawValue)
            json.member("requestId", requestID)
            guard !errors.isEmpty else { return }
            json.name("errors")
            json.array(errors) { json, error in
                json.object {
                    $0.member("pointer", error.pointer)
                    $0.member("message", error.message)
                }
            }
        }
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if let retryAfter { headers[.retryAfter] = String(max(1, retryAfter.components.seconds)) }
        return Response(status: code.status, headers: headers, body: .init(byteBuffer: json.buffer))
    }
}

extension Problem: CustomStringConvertible {
    public var description: String { "\(code.rawValue): \(detail)" }
}
