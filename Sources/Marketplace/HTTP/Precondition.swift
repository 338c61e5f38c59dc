import HTTPTypes
import Hummingbird
import Postgres

/// The version that a change starts from: the header `If-Match` (RFC 9110, section 13.1.1).
public enum Precondition: Sendable, Hashable {
    /// `If-Match: *`: any version, as long as the thing exists.
    case exists
    case version(Int64)

    /// Reads a request that must name a version.
    /// - Throws: ``Problem`` `precondition_required` without the header, `precondition_failed` for a tag that no
    ///   version of ours can have.
    init(_ request: Request) throws {
        guard let text = request.headers[.ifMatch] else {
            throw Problem(.preconditionRequired, "Send If-Match with the ETag of the version you changed.")
        }
        if text == "*" {
            self = .exists
            return
        }
        guard text.count > 2, text.hasPrefix("\""), text.hasSuffix("\""),
            let version = Int64(text.dropFirst().dropLast())
        else {
            throw Problem(
                .preconditionFailed, "If-Match is \(text.prefix(40)), no ETag of ours: read it again.")
        }
        self = .version(version)
    }

    /// For a statement's WHERE, after a table without an alias.
    var condition: Query {
        switch self {
        case .exists: "true"
        case .version(let version): "version = \(version)"
        }
    }

    /// The version that has to be there; nil for any.
    var version: Int64? {
        if case .version(let version) = self { version } else { nil }
    }
}
