import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Marketplace

/// Speaks the API to one server.
struct MarketplaceClient: Sendable {
    let http: any TestClientProtocol
    let marketplace: Marketplace

    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> TestResponse {
        try await request(.get, path, nil, headers)
    }

    func request(
        _ method: HTTPRequest.Method, _ path: String, _ json: String?, _ headers: [String: String] = [:]
    ) async throws -> TestResponse {
        var fields = HTTPFields()
        if json != nil { fields[.contentType] = "application/json" }
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        return try await http.executeRequest(
            uri: path, method: method, headers: fields, body: json.map { ByteBuffer(string: $0) })
    }

    /// A new store on the given shard, and its id.
    func makeStore(on shard: Int = 0) async throws -> String {
        for _ in 0..<200 {
            let response = try await request(.post, "/v1/stores", #"{"name":"Test","currency":"EUR"}"#)
            #expect(response.status == .created)
            let id = try #require(response.json["data"]["id"].string)
            let key = try #require(StoreID(id)).routingKey
            if marketplace.map.shard(of: key) == shard { return id }
        }
        throw NoStore()
    }

    struct NoStore: Error {}

    /// A new product with one SKU, and its id.
    func makeProduct(in store: String, sku: String, quantity: Int, price: Int = 500) async throws -> String {
        let skus = #"[{"sku":"\#(sku)","priceMinor":\#(price),"quantity":\#(quantity)}]"#
        let response = try await request(
            .post, "/v1/stores/\(store)/products", #"{"name":"Blue Mug","category":"kitchen","skus":\#(skus)}"#)
        #expect(response.status == .created)
        return try #require(response.json["data"]["id"].string)
    }

    func order(
        in store: String, sku: String, quantity: Int = 1, key: String, customer: String = "ada"
    ) async throws -> TestResponse {
        try await request(
            .post, "/v1/stores/\(store)/orders", #"{"items":[{"sku":"\#(sku)","quantity":\#(quantity)}]}"#,
            ["Idempotency-Key": key, "X-Customer-Id": customer])
    }

    func stock(in store: String, sku: String) async throws -> Int {
        try #require(try await get("/v1/stores/\(store)/inventory/\(sku)").json["data"]["quantity"].int)
    }

    /// Every order of a store.
    func orders(in store: String) async throws -> [JSON] {
        try await get("/v1/stores/\(store)/orders?limit=100").json["data"].array
    }

    /// What a counter stands at.
    func counter(_ line: String) -> Int {
        let text = marketplace.metrics.registry.prometheusText()
        let found = text.split(separator: "\n").first { $0.hasPrefix(line + " ") }
        return found.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
    }
}

/// Parsed JSON to look into.
struct JSON: Sendable {
    enum Value: Sendable {
        case none
        case string(String)
        case int(Int)
        case bool(Bool)
        case array([JSON])
        case object([String: JSON])
    }

    let value: Value

    init(_ any: Any?) {
        switch any {
        case let text as String: value = .string(text)
        case let flag as Bool where "\(type(of: any))".contains("Bool"): value = .bool(flag)
        case let number as NSNumber: value = .int(number.intValue)
        case let items as [Any]: value = .array(items.map { JSON($0) })
        case let members as [String: Any]: value = .object(members.mapValues { JSON($0) })
        default: value = .none
        }
    }

    /// Reads a text; nothing of one that is no JSON.
    init(text: String) {
        self.init(try? JSONSerialization.jsonObject(with: Data(text.utf8)))
    }

    subscript(name: String) -> JSON {
        if case .object(let members) = value { members[name] ?? JSON(nil) } else { JSON(nil) }
    }

    var string: String? { if case .string(let text) = value { text } else { nil } }
    var int: Int? { if case .int(let number) = value { number } else { nil } }
    var array: [JSON] { if case .array(let items) = value { items } else { [] } }
}

extension TestResponse {
    var text: String { String(buffer: body) }
    var json: JSON { JSON(try? JSONSerialization.jsonObject(with: Data(buffer: body))) }
    var code: String? { json["code"].string }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// The nodes named in Server-Timing.
    var nodes: [String] {
        (header("Server-Timing") ?? "").split(separator: ",").compactMap { part in
            guard part.contains("db;desc=") else { return nil }
            return part.split(separator: "\"").dropFirst().first.map(String.init)
        }
    }

    /// What Server-Timing says of the cache.
    var cache: String? {
        (header("Server-Timing") ?? "").split(separator: ",").first { $0.hasPrefix("cache") }?
            .split(separator: "\"").last.map(String.init)
    }
}
