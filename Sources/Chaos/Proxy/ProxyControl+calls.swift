import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// How a call is made and its answer read.
extension ProxyControl {
    /// Bytes of the longest answer read: links, limited in number, with their toxics.
    private static let greatestAnswer = 16 << 20

    static func path(_ link: String) -> String { "/proxies/" + escaped(link) }

    /// Percent-encoded for a path component.
    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~:")))
            ?? text
    }

    /// The body of a 2xx answer.
    func call(
        _ method: HTTPMethod, _ path: String, body: GoJSON? = nil, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> String {
        let name = "\(method.rawValue) \(path)"
        let left = deadline - now()
        guard left > .zero else { throw .deadlineExceeded(address: address, call: name) }
        var request = HTTPClientRequest(url: "http://\(address)\(path)")
        request.method = method
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.text))
        }
        let status: Int
        let text: String
        do {
            let response = try await client.execute(request, timeout: .nanoseconds(left.nanoseconds))
            status = Int(response.status.code)
            text = String(buffer: try await response.body.collect(upTo: Self.greatestAnswer))
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .connectTimeout {
            throw .deadlineExceeded(address: address, call: name)
        } catch {
            throw .unreachable(address: address, call: name, reason: "\(error)")
        }
        guard (200..<300).contains(status) else {
            let message = (try? GoJSONParser.parse(text))?["error"]
            guard case .string(let words)? = message else {
                throw malformed(name, "status \(status) without a message")
            }
            throw .refused(status: status, message: words, call: name)
        }
        return text
    }

    func linkCall(
        _ method: HTTPMethod, _ path: String, body: GoJSON? = nil, deadline: ContinuousClock.Instant
    ) async throws(ProxyControlError) -> LinkStatus {
        let answer = try await call(method, path, body: body, deadline: deadline)
        return try read(try parse(answer, path), path) { json throws(GoJSON.ParseError) in try LinkStatus(json) }
    }

    func parse(_ text: String, _ call: String) throws(ProxyControlError) -> GoJSON {
        do { return try GoJSONParser.parse(text) } catch { throw malformed(call, error.message) }
    }

    func read<Value>(
        _ json: GoJSON, _ call: String, _ body: (GoJSON) throws(GoJSON.ParseError) -> Value
    ) throws(ProxyControlError) -> Value {
        do { return try body(json) } catch { throw malformed(call, error.message) }
    }

    func decode<Value: Decodable>(_ text: String, _ call: String) throws(ProxyControlError) -> Value {
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw malformed(call, "\(error)")
        }
    }

    func malformed(_ call: String, _ reason: String) -> ProxyControlError {
        .malformed(address: address, call: call, reason: reason)
    }
}

extension LinkStatus {
    init(_ json: GoJSON) throws(GoJSON.ParseError) {
        let body = try ProxyBody(json)
        var toxics: [ToxicSpecification] = []
        if case .array(let values)? = json["toxics"] {
            for value in values {
                toxics.append(try ToxicSpecification(value))
            }
        }
        guard let name = body.name, let listen = body.listen, let upstream = body.upstream, let enabled = body.enabled
        else { throw GoJSON.ParseError(message: "a link lacks a field") }
        self.init(name: name, listen: listen, upstream: upstream, enabled: enabled, toxics: toxics)
    }
}

extension ToxicSpecification {
    /// Reads what the API lists; attributes of any name, for the other side may know more toxics than this one.
    init(_ json: GoJSON) throws(GoJSON.ParseError) {
        let type = "ToxicWrapper"
        guard let kind = try json.string("type", of: type), let name = try json.string("name", of: type),
            let stream = try json.string("stream", of: type).flatMap(ToxicStream.init)
        else { throw GoJSON.ParseError(message: "a toxic lacks a field") }
        self.init(kind, name: name, stream: stream, toxicity: try json.double("toxicity", of: type) ?? 1)
        guard case .object(let fields)? = json["attributes"] else { return }
        for field in fields {
            if case .integer(let value) = field.value { attributes[field.name] = value }
        }
    }
}
