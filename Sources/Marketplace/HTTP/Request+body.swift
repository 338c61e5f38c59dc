import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat

extension Request {
    /// Reads the body as JSON.
    /// - Throws: ``Problem`` `unsupported_media_type`, `body_too_large` or `malformed_body`.
    func decode<Body: Decodable>(_ type: Body.Type) async throws -> Body {
        let media = headers[.contentType]?.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces) }
        guard media?.lowercased() == "application/json" else {
            throw Problem(
                .unsupportedMediaType, "Content-Type is '\((media ?? "missing").prefix(80))': send application/json.")
        }
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: MarketplaceContext.maximumBodyBytes)
        } catch is NIOTooManyBytesError {
            throw Problem(.bodyTooLarge, "The body is larger than \(MarketplaceContext.maximumBodyBytes) bytes.")
        }
        do {
            return try JSONDecoder().decode(type, from: buffer)
        } catch let error as DecodingError {
            throw Problem(.malformedBody, "The body cannot be read.", errors: [error.detail])
        }
    }

    /// The customer who asks, until there are accounts: the header `X-Customer-Id`.
    /// - Throws: ``Problem`` `customer_missing` or `invalid_parameter`.
    func customer() throws -> String {
        guard let text = headers[.customerID], !text.isEmpty else {
            throw Problem(.customerMissing, "Name the customer in the header X-Customer-Id.")
        }
        guard Self.isToken(text, maximumBytes: 64) else {
            throw Problem(
                .invalidParameter, "X-Customer-Id has to be 1 to 64 visible ASCII characters without spaces.")
        }
        return text
    }

    /// Visible ASCII without spaces, of a bounded length.
    static func isToken(_ text: String, maximumBytes: Int) -> Bool {
        (1...maximumBytes).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension DecodingError {
    /// Where the body departs from what is read, as a pointer.
    fileprivate var detail: Problem.Detail {
        switch self {
        case .keyNotFound(let key, let context):
            Problem.Detail(pointer: Self.pointer(context.codingPath + [key]), message: "is missing")
        case .typeMismatch(let type, let context):
            Problem.Detail(pointer: Self.pointer(context.codingPath), message: "has to be \(Self.name(type))")
        case .valueNotFound(let type, let context):
            Problem.Detail(pointer: Self.pointer(context.codingPath), message: "has to be \(Self.name(type)), not null")
        case .dataCorrupted(let context):
            Problem.Detail(pointer: Self.pointer(context.codingPath), message: "is not valid JSON")
        @unknown default:
            Problem.Detail(pointer: "", message: "cannot be read")
        }
    }

    private static func pointer(_ path: [any CodingKey]) -> String {
        path.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
    }

    private static func name(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Int.Type, is Int64.Type, is Int32.Type: "a whole number"
        case is Bool.Type: "true or false"
        case is Attributes.Value.Type: "a string, a number, or true or false"
        case is [Any].Type: "an array"
        default: "an object"
        }
    }
}
