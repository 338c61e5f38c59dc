import Foundation
import NIOHTTP1

/// A request of the control API, read whole.
struct ControlRequest: Sendable {
    var method: HTTPMethod
    /// Percent-decoded path components.
    var path: [String]
    var query: [String: String]
    var userAgent: String
    var body: String

    init(head: HTTPRequestHead, body: String) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        method = head.method
        path = (parts.first ?? "").split(separator: "/").map { Self.decoded($0) }
        query = [:]
        for pair in parts.dropFirst().first?.split(separator: "&").prefix(32) ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[Self.decoded(sides[0])] = sides.count > 1 ? Self.decoded(sides[1]) : ""
        }
        userAgent = head.headers.first(name: "user-agent") ?? ""
        self.body = body
    }

    private static func decoded(_ text: Substring) -> String {
        String(text).removingPercentEncoding ?? String(text)
    }
}

/// An answer of the control API.
struct ControlResponse: Sendable {
    var status: Int
    var contentType: String?
    var body: String

    static func json(_ value: GoJSON, status: Int = 200) -> ControlResponse {
        ControlResponse(status: status, contentType: "application/json", body: value.text)
    }

    static func text(_ body: String) -> ControlResponse {
        ControlResponse(status: 200, contentType: "text/plain;charset=utf-8", body: body)
    }

    static func empty(_ status: Int) -> ControlResponse {
        ControlResponse(status: status, contentType: nil, body: "")
    }

    static let pageNotFound = ControlResponse(
        status: 404, contentType: "text/plain; charset=utf-8", body: "404 page not found\n")

    static func failure(_ failure: ProxyFailure) -> ControlResponse {
        let body: GoJSON = ["error": .string(failure.message), "status": .integer(Int64(failure.status))]
        return ControlResponse(status: failure.status, contentType: "text/plain; charset=utf-8", body: body.text + "\n")
    }
}
