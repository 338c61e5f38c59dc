import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Calls the services under test over HTTP, and says of every call that got no answer whether it can have had an
/// effect.
public struct ServiceCaller: Sendable {
    /// Services by name, in a fixed order.
    public let servers: [(name: String, address: HostPort)]
    private let client: HTTPClient

    /// Answers with larger bodies are refused.
    static let maximumBodyBytes = 8 << 20

    /// Makes a caller of these servers, by their nodes' names.
    public init(servers: [String: HostPort], client: HTTPClient) {
        self.servers = servers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        self.client = client
    }

    /// A client as the workload wants it: no redirects, no retries, enough connections that none waits for another.
    public static func makeClient(connectionsPerServer: Int = 512) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .milliseconds(500)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsPerServer
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// What is sent.
    public struct Request: Sendable {
        /// The HTTP method.
        public var method: HTTPMethod
        /// With its query.
        public var path: String
        /// In order; names may repeat.
        public var headers: [(String, String)]
        /// Nil for none.
        public var body: [UInt8]?

        /// Makes a request.
        public init(
            _ method: HTTPMethod = .GET, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
        ) {
            self.method = method
            self.path = path
            self.headers = headers
            self.body = body
        }
    }

    /// What was answered.
    public struct Reply: Sendable {
        /// The HTTP status.
        public var status: Int
        /// As they came.
        public var headers: HTTPHeaders
        /// Whole, up to the limit.
        public var body: [UInt8]
    }

    /// How a call ended.
    public enum Result: Sendable {
        case reply(Reply)
        /// No connection: the request cannot have had an effect.
        case notSent(String)
        /// Sent, at least in part, and not answered.
        case unanswered(String)
    }

    /// One call, without retries.
    /// - Parameter server: index into ``servers``.
    public func call(_ request: Request, server: Int, timeout: Duration) async -> Result {
        let address = servers[server % servers.count].address
        var call = HTTPClientRequest(url: "http://\(address)\(request.path)")
        call.method = request.method
        for (name, value) in request.headers { call.headers.add(name: name, value: value) }
        if let body = request.body { call.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            let response = try await client.execute(call, timeout: .nanoseconds(timeout.nanoseconds))
            let body = try await response.body.collect(upTo: Self.maximumBodyBytes)
            return .reply(
                Reply(status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
            )
        } catch let error as HTTPClientError where Self.notSent.contains(error) {
            return .notSent("\(error)")
        } catch let error as HTTPClientError {
            return .unanswered(error == .deadlineExceeded ? "client-timeout" : "\(error)")
        } catch let error as NIOConnectionError {
            return .notSent("cannot connect to \(error.host):\(error.port)")
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            return .notSent("connection refused")
        } catch let error as ChannelError {
            return .notSent("\(error)")
        } catch is CancellationError {
            return .unanswered("cancelled")
        } catch {
            return .unanswered("\(error)")
        }
    }

    private static let notSent: [HTTPClientError] = [
        .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout,
    ]
}

extension ServiceCaller.Reply {
    /// The first header of a name, whatever its case.
    public func header(_ name: String) -> String? { headers.first(name: name) }

    /// Nil when the body is not JSON.
    public var json: JSONValue? { try? JSONParser.parse(body) }

    /// What `Server-Timing` (https://www.w3.org/TR/server-timing/) says of who served it: the node after `db;desc=`
    /// and what the cache said, after `cache;desc=`.
    public var servedBy: (node: String?, cache: String?) {
        var node: String?
        var cache: String?
        for metric in headers["server-timing"].joined(separator: ",").split(separator: ",") {
            let parts = metric.split(separator: ";").map { $0.drop { $0 == " " } }
            guard let name = parts.first,
                let description = parts.first(where: { $0.hasPrefix("desc=") })?.dropFirst(5).filter({ $0 != "\"" })
            else { continue }
            if name == "db" { node = node ?? description }
            if name == "cache" { cache = cache ?? description }
        }
        return (node, cache)
    }
}
