import HummingbirdTesting
import Synchronization
import Testing

@testable import Marketplace

/// A client that carries its token from server to server while its store moves: it changes a product on one server and
/// reads it on each, with the token and without.
final class MovingSession: Sendable {
    private struct State: Sendable {
        var isOver = false
        var reads = 0
        var cached = 0
        var nodes: Set<String> = []
        var misses: [String] = []
    }

    private let path: String
    private let state = Mutex(State())

    init(store: String, product: String) { path = "/v1/stores/\(store)/products/\(product)" }

    /// Reads with the token.
    var reads: Int { state.withLock { $0.reads } }
    /// Answers that a layer of the cache gave.
    var cached: Int { state.withLock { $0.cached } }
    /// Who answered the others.
    var nodes: Set<String> { state.withLock { $0.nodes } }
    /// What was not as promised.
    var misses: [String] { state.withLock { $0.misses } }

    func end() { state.withLock { $0.isOver = true } }

    func run(on servers: [MarketplaceClient]) async throws {
        var token = "1"
        var round = 0
        while !state.withLock({ $0.isOver }) {
            round += 1
            let name = "Mug \(round)"
            let written = try await servers[round % servers.count].request(
                .put, path, #"{"name":"\#(name)","category":"kitchen"}"#,
                ["If-Match": "*", "Consistency-Token": token])
            guard written.status == .ok, let next = written.header("Consistency-Token") else {
                miss("round \(round): the change ended \(written.status) \(written.code ?? "")")
                continue
            }
            token = next
            for server in servers {
                // A stranger may be shown less, and is never refused.
                let stranger = try await server.get(path)
                if stranger.status != .ok { miss("round \(round): a read without the token ended \(stranger.status)") }
                // Twice: the second time a cache may answer.
                for _ in 0..<2 {
                    let read = try await server.get(path, ["Consistency-Token": token])
                    note(read)
                    if read.json["data"]["name"].string != name {
                        miss("round \(round): \(read.status) \(read.text.prefix(200)) from \(read.nodes)")
                    }
                    token = read.header("Consistency-Token") ?? token
                }
            }
        }
    }

    private func note(_ read: TestResponse) {
        state.withLock {
            $0.reads += 1
            if read.isKept { $0.cached += 1 }
            $0.nodes.formUnion(read.nodes)
        }
    }

    private func miss(_ text: String) { state.withLock { $0.misses.append(text) } }
}
