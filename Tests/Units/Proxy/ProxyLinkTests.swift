import Foundation
import NIOCore
import Testing

@testable import Chaos

@Suite("Proxy links", .timeLimit(.minutes(1)))
struct ProxyLinkTests {
    @Test("bytes pass both ways, and each side may end on its own")
    func halfClose() async throws {
        try await ProxyFixture.with { fixture in
            let client = try await connect(to: fixture.listen)
            try await client.send("question")
            try await client.endOutput()
            let server = try await fixture.server.peer()
            try await eventually("the question and its end arrive") { server.text == "question" && server.ended }
            #expect(!client.ended)
            try await server.send("answer")
            try await server.endOutput()
            try await eventually("the answer and its end arrive") { client.text == "answer" && client.closed }
            try await eventually("nothing stays open") { fixture.counters.openConnections == 0 }
        }
    }

    @Test("a Unix socket upstream, bytes sent at once on connecting")
    func unixUpstream() async throws {
        let path = "/tmp/seaworthy-proxy-\(UInt32.random(in: 0 ... .max)).sock"
        defer { unlink(path) }
        try await ProxyFixture.with(path: path) { fixture in
            for index in 0..<20 {
                let client = try await connect(to: fixture.listen)
                try await client.send("hello")
                let server = try await fixture.server.peer(index)
                try await eventually("hello arrives") { server.text == "hello" }
                await client.close()
            }
        }
    }

    @Test("an upstream that is not there closes the client and is counted")
    func refused() async throws {
        try await ProxyFixture.with { fixture in
            try await fixture.server.listener.close()
            let client = try await connect(to: fixture.listen)
            try await eventually("the client is told") { client.ended }
            #expect(fixture.counters.upstreamRefusals == 1)
        }
    }

    @Test("toxics changing on live connections lose, double and reorder nothing", arguments: [1, 2, 3])
    func liveChanges(seed: Int) async throws {
        try await ProxyFixture.with { fixture in
            var random = ToxicRandom(seed: UInt64(seed))
            let client = try await connect(to: fixture.listen)
            let up = Self.pattern(400_000, seed: 1)
            let down = Self.pattern(400_000, seed: 2)
            try await client.send([])
            let server = try await fixture.server.peer()
            async let sendingUp: Void = Self.send(up, from: client)
            async let sendingDown: Void = Self.send(down, from: server)
            for _ in 0..<40 {
                let stream: ToxicStream = Bool.random(using: &random) ? .upstream : .downstream
                let toxic: ToxicSpecification =
                    Bool.random(using: &random)
                    ? .stall(stream: stream)
                    : .latency(
                        .milliseconds(.random(in: 0...8, using: &random)), jitter: .milliseconds(8), stream: stream)
                let deadline = fixture.soon
                try await fixture.control.add(toxic, to: ProxyFixture.link, deadline: deadline)
                _ = try await fixture.control.probe(
                    ProxyFixture.link, as: .tcp, timeout: .milliseconds(50), deadline: deadline)
                try await fixture.control.remove(toxic.name, from: ProxyFixture.link, deadline: deadline)
            }
            try await sendingUp
            try await sendingDown
            try await eventually("all is through, seed \(seed)") {
                server.received.count == up.count && client.received.count == down.count
            }
            #expect(server.received == up, "seed \(seed)")
            #expect(client.received == down, "seed \(seed)")
            #expect(fixture.counters.upstream.delivered == Int64(up.count))
        }
    }

    @Test("latency is added to every answer while in force, and gone after")
    func latency() async throws {
        try await ProxyFixture.with { fixture in
            let client = try await connect(to: fixture.listen)
            try await client.send("x")
            let server = try await fixture.server.peer()
            let toxic = ToxicSpecification.latency(.milliseconds(300))
            try await fixture.control.add(toxic, to: ProxyFixture.link, deadline: fixture.soon)
            let begun = ContinuousClock.now
            try await server.send("answer")
            try await eventually("the answer comes") { client.text == "answer" }
            #expect(ContinuousClock.now - begun >= .milliseconds(300))
            #expect(fixture.counters.downstream.chunksUnderToxic == 1)
            #expect(fixture.counters.upstream.chunksUnderToxic == 0)
            try await fixture.control.remove(toxic.name, from: ProxyFixture.link, deadline: fixture.soon)
            try await server.send("!")
            try await eventually("what follows is not counted as met") { client.text == "answer!" }
            #expect(fixture.counters.downstream.chunksUnderToxic == 1)
        }
    }

    @Test("a stall holds bytes and the client's end, for old connections and new, and lets go of all of it")
    func stall() async throws {
        try await ProxyFixture.with { fixture in
            let old = try await connect(to: fixture.listen)
            try await old.send("before,")
            let server = try await fixture.server.peer()
            try await eventually("the link works") { server.text == "before," }
            try await fixture.control.add(.stall(stream: .upstream), to: ProxyFixture.link, deadline: fixture.soon)
            let young = try await connect(to: fixture.listen)
            try await old.send("during")
            try await young.send("young")
            await young.close()
            try await eventually("the proxy has read it") { fixture.counters.upstream.bytes == 18 }
            #expect(server.text == "before,")
            #expect(try await fixture.server.peer(1).received.isEmpty)
            #expect(fixture.counters.connectionsUnderToxic == 1)
            try await fixture.control.remove("stall_upstream", from: ProxyFixture.link, deadline: fixture.soon)
            try await eventually("what was held arrives") { server.text == "before,during" }
            let second = try await fixture.server.peer(1)
            try await eventually("also from a client that has left") { second.text == "young" && second.ended }
        }
    }

    @Test("a peer that does not read stops the other from sending; memory stays bounded")
    func backPressure() async throws {
        var limits = ProxyLimits()
        limits.heldBytes = 256 << 10
        try await ProxyFixture.with(serverReads: false, limits: limits) { fixture in
            let client = try await connect(to: fixture.listen)
            let bytes = Self.pattern(64 << 20, seed: 3)
            let sending = Task { try await client.send(bytes) }
            let server = try await fixture.server.peer()
            try await eventually("the flow comes to a stop") { try await fixture.standsStill() }
            // What a proxy without back-pressure would have read by then.
            #expect(fixture.counters.upstream.bytes < 32 << 20)
            let held = fixture.counters.upstream.bytes - fixture.counters.upstream.delivered
            #expect(held <= Int64(limits.heldBytes + (64 << 10)))
            try await server.startReading()
            try await eventually("all arrives in the end", within: .seconds(40)) {
                server.received.count == bytes.count
            }
            try await sending.value
            #expect(server.received == bytes)
        }
    }

    @Test("a stall keeps no more than its limit, whatever is sent")
    func stallIsBounded() async throws {
        var limits = ProxyLimits()
        limits.heldBytes = 128 << 10
        try await ProxyFixture.with(limits: limits) { fixture in
            try await fixture.control.add(.stall(stream: .upstream), to: ProxyFixture.link, deadline: fixture.soon)
            let client = try await connect(to: fixture.listen)
            let bytes = Self.pattern(16 << 20, seed: 4)
            let sending = Task { try await client.send(bytes) }
            try await eventually("the flow comes to a stop") { try await fixture.standsStill() }
            #expect(fixture.counters.upstream.bytes <= Int64(limits.heldBytes + (64 << 10)))
            try await fixture.control.reset(deadline: fixture.soon)
            let server = try await fixture.server.peer()
            try await eventually("all arrives in the end", within: .seconds(40)) {
                server.received.count == bytes.count
            }
            try await sending.value
            #expect(server.received == bytes)
        }
    }

    @Test("a link that is disabled closes its connections and refuses new ones until enabled")
    func disable() async throws {
        try await ProxyFixture.with { fixture in
            let client = try await connect(to: fixture.listen)
            try await client.send("x")
            _ = try await fixture.server.peer()
            let listen = fixture.listen
            try await fixture.control.setEnabled(false, link: ProxyFixture.link, deadline: fixture.soon)
            try await eventually("its connection is closed") { client.ended }
            await #expect(throws: (any Error).self) { try await connect(to: listen) }
            let status = try await fixture.control.setEnabled(true, link: ProxyFixture.link, deadline: fixture.soon)
            #expect(status.listen == listen)
            _ = try await connect(to: listen)
        }
    }

    @Test("toxics that end a connection end it on both sides, with a reset where asked")
    func endings() async throws {
        try await ProxyFixture.with { fixture in
            for (index, type) in ["timeout", "reset_peer", "limit_data"].enumerated() {
                let attributes: [String: Int64] = type == "limit_data" ? ["bytes": 3] : ["timeout": 20]
                let toxic = ToxicSpecification(type, stream: .upstream, attributes: attributes)
                try await fixture.control.add(toxic, to: ProxyFixture.link, deadline: fixture.soon)
                let client = try await connect(to: fixture.listen)
                try await client.send("hello")
                let server = try await fixture.server.peer(index)
                try await eventually("\(type) ends the client's side") { client.ended }
                try await eventually("\(type) ends the server's side") { server.ended }
                #expect(server.text == (type == "limit_data" ? "hel" : ""))
                #expect(client.wasReset == (type == "reset_peer"), "\(type)")
                try await fixture.control.reset(deadline: fixture.soon)
            }
        }
    }

    static func pattern(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = ToxicRandom(seed: seed)
        return (0..<count / 8).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    }

    static func send(_ bytes: [UInt8], from peer: TestPeer) async throws {
        for start in stride(from: 0, to: bytes.count, by: 7_000) {
            try await peer.send(Array(bytes[start..<min(start + 7_000, bytes.count)]))
        }
    }
}

extension ProxyFixture {
    /// The one link's counters, straight from the proxy.
    var counters: LinkCounters { proxy.counters[Self.link] ?? LinkCounters() }

    /// Whether nothing was read for a while, after something was.
    func standsStill() async throws -> Bool {
        let before = counters.upstream.bytes
        try await ContinuousClock().sleep(for: .milliseconds(250))
        return before > 0 && counters.upstream.bytes == before
    }
}
