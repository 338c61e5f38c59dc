import Foundation
import Testing

@testable import Chaos

@Suite("Proxy control", .timeLimit(.minutes(1)))
struct ProxyControlTests {
    @Test("links, toxics and refusals as the client sees them")
    func client() async throws {
        try await ProxyFixture.with { fixture in
            let control = fixture.control
            let added = try await control.add(
                .latency(.milliseconds(5), jitter: .milliseconds(2)), to: ProxyFixture.link, deadline: fixture.soon)
            #expect(added.attributes == ["latency": 5, "jitter": 2])
            let links = try await control.links(deadline: fixture.soon)
            #expect(links[ProxyFixture.link]?.toxics == [added])
            #expect(links[ProxyFixture.link]?.enabled == true)
            await #expect(throws: ProxyControlError.self) {
                try await control.add(ToxicSpecification("nosuch"), to: ProxyFixture.link, deadline: fixture.soon)
            }
            do {
                try await control.remove("none", from: ProxyFixture.link, deadline: fixture.soon)
                Issue.record("removing a toxic that is not there was not refused")
            } catch let error as ProxyControlError {
                let call = "DELETE /proxies/client:server/toxics/none"
                #expect(error == .refused(status: 404, message: "toxic not found", call: call))
            }
            try await control.reset(deadline: fixture.soon)
            #expect(try await control.link(ProxyFixture.link, deadline: fixture.soon).toxics.isEmpty)
        }
    }

    @Test("a proxy that is gone is unreachable, a deadline that is over is said to be")
    func gone() async throws {
        var control: ProxyControl?
        try await ProxyFixture.with { control = $0.control }
        let gone = try #require(control)
        do {
            _ = try await gone.version(deadline: .now + .seconds(10))
            Issue.record("a stopped proxy answered")
        } catch {
            guard case .unreachable = error else { throw error }
        }
        await #expect(throws: ProxyControlError.deadlineExceeded(address: gone.address, call: "GET /version")) {
            try await gone.version(deadline: .now - .seconds(1))
        }
    }

    @Test("a probe makes a round trip through the link, meets its toxics, and is not counted")
    func probe() async throws {
        try await ProxyFixture.with { fixture in
            let answering = Task {
                let peer = try await fixture.server.peer()
                try await eventually("the probe asks") { peer.text == "PING\r\n" }
                try await peer.send("+PONG\r\n")
                let second = try await fixture.server.peer(1)
                try await eventually("the second probe asks") { second.text == "PING\r\n" }
                try await second.send("-ERR loading\r\n")
            }
            let first = try await fixture.control.probe(
                ProxyFixture.link, as: .redis, timeout: .seconds(10), deadline: fixture.soon)
            #expect(first.answered && first.error == nil)
            try await fixture.control.add(
                .latency(.milliseconds(200)), to: ProxyFixture.link, deadline: fixture.soon)
            let second = try await fixture.control.probe(
                ProxyFixture.link, as: .redis, timeout: .seconds(10), deadline: fixture.soon)
            #expect(second.answered)
            #expect(try #require(second.roundTripNanoseconds) >= 200_000_000)
            try await answering.value
            let silent = try await fixture.control.probe(
                ProxyFixture.link, as: .postgres, timeout: .milliseconds(100), deadline: fixture.soon)
            #expect(!silent.answered && silent.roundTripNanoseconds == nil && silent.error != nil)
            let counters = try await fixture.control.counters(deadline: fixture.soon)[ProxyFixture.link]
            #expect(counters == LinkCounters())
        }
    }

    @Test("configuration and ready files")
    func files() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "seaworthy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "links.json")
        try Data(#"[{"name": "a:b", "listen": "127.0.0.1:0"}]"#.utf8).write(to: file)
        do {
            _ = try LinkConfiguration.load(.init(file.path))
            Issue.record("a link without upstream was taken")
        } catch {
            #expect(error.description.contains("upstream"))
        }
        let ready = ProxyReady(control: "127.0.0.1:1", links: ["a:b": "127.0.0.1:2"], pid: 3)
        let path = directory.appending(path: "ready.json").path
        try ready.write(to: .init(path))
        #expect(try ProxyReady.load(.init(path)) == ready)
    }

    @Test("a link that cannot start ends the others and says why")
    func startFailure() async throws {
        let server = try await TestServer()
        defer { Task { await server.stop() } }
        do {
            _ = try await ProxyServer(
                control: HostPort(host: "127.0.0.1", port: 0),
                links: [
                    LinkConfiguration(name: "a:b", upstream: server.address),
                    LinkConfiguration(name: "c:d", listen: server.address, upstream: server.address),
                ], logger: .init(label: "test"))
            Issue.record("two listeners on one port")
        } catch {
            let reason = "listen tcp \(server.address): bind: address already in use"
            #expect(error == .link("c:d", reason: reason))
        }
    }
}
