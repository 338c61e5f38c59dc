import Foundation
import NIOCore

/// A refusal of the control API: Toxiproxy's status and message.
struct ProxyFailure: Error, Equatable {
    let status: Int
    let message: String

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    static let proxyNotFound = ProxyFailure(404, "proxy not found")
    static let proxyExists = ProxyFailure(409, "proxy already exists")
    static let toxicNotFound = ProxyFailure(404, "toxic not found")
    static let invalidToxicType = ProxyFailure(400, "invalid toxic type")
    static let invalidStream = ProxyFailure(400, "stream was invalid, can be either upstream or downstream")

    static func missingField(_ name: String) -> ProxyFailure { ProxyFailure(400, "missing required field: \(name)") }
    static func badBody(_ error: GoJSON.ParseError) -> ProxyFailure {
        ProxyFailure(400, "bad request body: \(error.message)")
    }

    /// The system's words for an error, as Go writes them: in lower case.
    static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode)).lowercased()
    }
}
