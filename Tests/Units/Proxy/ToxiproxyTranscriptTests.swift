import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import Chaos

/// Plays what a real Toxiproxy 2.5.0 was asked, on the same ports, and compares every answer. Two accidents of that
/// version are left out: the field `Logger`, and refusing PATCH, which later versions accept.
@Suite("Toxiproxy transcript", .timeLimit(.minutes(1)))
struct ToxiproxyTranscriptTests {
    struct Exchange {
        var method: String
        var path: String
        var body: String?
        var status: Int
        var contentType: String?
        var response: String
    }

    @Test("every request gets Toxiproxy's status, type and body")
    func replay() async throws {
        let exchanges = try Self.load()
        #expect(exchanges.count == 47)
        let proxy = try await ProxyServer(control: HostPort(host: "127.0.0.1", port: 0), logger: .init(label: "test"))
        var compared = 0
        do {
            for exchange in exchanges where exchange.method != "PATCH" {
                try await Self.play(exchange, to: proxy.control)
                compared += 1
            }
        } catch {
            await proxy.stop()
            throw error
        }
        await proxy.stop()
        #expect(compared == 46)
    }

    private static func play(_ exchange: Exchange, to control: HostPort) async throws {
        var request = HTTPClientRequest(url: "http://\(control)\(exchange.path)")
        request.method = HTTPMethod(rawValue: exchange.method)
        if let body = exchange.body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        let name: Comment = "\(exchange.method) \(exchange.path) \(exchange.body ?? "")"
        #expect(Int(response.status.code) == exchange.status, name)
        #expect(response.headers.first(name: "content-type") == exchange.contentType, name)
        let expected = exchange.response.replacing(#""Logger":{},"#, with: "")
        if exchange.path != "/version" { #expect(text == expected, name) }
    }

    private static func load() throws -> [Exchange] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Fixtures/toxiproxy/transcript.jsonl")
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        return try text.split(separator: "\n").map { line in
            let json = try GoJSONParser.parse(String(line))
            let body: String? =
                switch json["request"] {
                case .string(let raw)?: raw
                case let value?: value.text
                case nil: nil
                }
            guard case .string(let method)? = json["method"], case .string(let path)? = json["path"],
                case .integer(let status)? = json["status"], case .string(let response)? = json["response"]
            else { throw GoJSON.ParseError(message: "a line lacks a field") }
            let type: String? = if case .string(let text)? = json["contentType"] { text } else { nil }
            return Exchange(
                method: method, path: path, body: body, status: Int(status), contentType: type, response: response)
        }
    }
}
