import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Marketplace

/// `marketplace serve` where it cannot listen.
@Suite("marketplace serve", .timeLimit(.minutes(3)))
struct ServeCommandTests {
    /// Serving begins with listening: whether a shard answers does not matter to it.
    private static let shards = ["MARKETPLACE_SHARDS": "shard-0-primary@/nowhere:5432"]

    @Test("a port that is taken is named, with what to do")
    func portTaken() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let byFlag = try await MarketplaceProcess.run(["serve", "--port", "\(port)"], Self.shards)
        let bySetting = try await MarketplaceProcess.run(["serve"], Self.shards.merging(["PORT": "\(port)"]) { $1 })
        try await listener.close()
        let sentence =
            "marketplace: port \(port) on 127.0.0.1 is taken: end what listens there, or choose another with --port\n"
        for outcome in [byFlag, bySetting] {
            #expect(outcome.code == 70)
            #expect(outcome.errors == sentence)
        }
    }

    @Test("an address of another machine is named, with what to do")
    func foreignAddress() async throws {
        // Kept for documentation (RFC 5737): no machine has it.
        let variables = Self.shards.merging(["HOST": "192.0.2.1"]) { $1 }
        let outcome = try await MarketplaceProcess.run(["serve", "--port", "0"], variables)
        #expect(outcome.code == 70)
        #expect(outcome.errors.hasPrefix("marketplace: 192.0.2.1 is no address of this machine: set HOST to one"))
    }

    @Test(
        "what keeps a server from listening is told by the error of the system",
        arguments: [
            (EADDRINUSE, "port 80 on 127.0.0.1 is taken"), (EADDRNOTAVAIL, "127.0.0.1 is no address of this machine"),
            (EACCES, "port 80 on 127.0.0.1 is for privileged programs: choose one from 1024 up with --port"),
        ])
    func reasons(code: Int32, sentence: String) {
        var settings = ServerSettings()
        settings.port = 80
        let error = ListenError(IOError(errnoCode: code, reason: "bind"), settings: settings)
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "nothing")")
    }

    @Test("a host that has no address is named; errors that say nothing of the address stay what they are")
    func otherReasons() throws {
        // Longer than a name may be, so that no name server is asked.
        let host = String(repeating: "x", count: 300)
        var settings = ServerSettings()
        settings.host = host
        let unknown = #expect(throws: SocketAddressError.UnknownHost.self) {
            try SocketAddress.makeAddressResolvingHost(host, port: 80)
        }
        let error = ListenError(try #require(unknown), settings: settings)
        #expect(error?.description.hasPrefix("nobody knows the address xxx") == true)
        #expect(ListenError(IOError(errnoCode: EMFILE, reason: "socket"), settings: settings) == nil)
        #expect(ListenError(CancellationError(), settings: settings) == nil)
    }
}
