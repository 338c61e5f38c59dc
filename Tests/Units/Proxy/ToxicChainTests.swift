import NIOCore
import Testing

@testable import Chaos

@Suite("Toxic chain")
struct ToxicChainTests {
    private static let zero = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func chain(_ toxics: [ToxicSpecification] = [], seed: UInt64 = 1, limit: Int = 1 << 20) -> ToxicChain
    {
        ToxicChain(limit: limit, random: ToxicRandom(seed: seed), toxics: toxics, at: zero)
    }

    private static func drain(_ chain: inout ToxicChain) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = chain.next() {
            if case .bytes(let buffer) = piece { bytes.append(contentsOf: buffer.readableBytesView) }
        }
        return bytes
    }

    @Test(
        "whatever is added, changed and removed while bytes pass, each comes out once and in order", arguments: 0..<300)
    func bytesSurviveChanges(seed: Int) {
        var random = ToxicRandom(seed: UInt64(seed))
        var chain = Self.chain(seed: UInt64(seed))
        var now = Self.zero
        var names: Set<String> = []
        var next: UInt8 = 0
        var sent: [UInt8] = []
        var out: [UInt8] = []
        for _ in 0..<120 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                let bytes = (0..<Int.random(in: 1...50, using: &random)).map { _ -> UInt8 in
                    next &+= 1
                    return next
                }
                sent += bytes
                chain.receive(.bytes(ByteBuffer(bytes: bytes)), at: now)
            case 4:
                let toxic = Self.anyToxic(&random)
                if names.insert(toxic.name).inserted { chain.apply(.add(toxic), at: now) }
            case 5:
                let toxic = Self.anyToxic(&random)
                if names.contains(toxic.name) { chain.apply(.update(toxic), at: now) }
            case 6:
                if let name = names.randomElement(using: &random) {
                    names.remove(name)
                    chain.apply(.remove(name: name), at: now)
                }
            default:
                now = now + .milliseconds(Int64.random(in: 0...80, using: &random))
                chain.advance(to: now)
            }
            if Bool.random(using: &random) { out += Self.drain(&chain) }
        }
        for name in names {
            chain.apply(.remove(name: name), at: now)
        }
        out += Self.drain(&chain)
        #expect(out == sent, "seed \(seed)")
        #expect(chain.held == 0, "seed \(seed)")
        #expect(chain.nextDue == nil, "seed \(seed)")
    }

    /// Any toxic that is not there to lose something; a name always means the same kind.
    private static func anyToxic(_ random: inout ToxicRandom) -> ToxicSpecification {
        let number = Int.random(in: 0..<8, using: &random)
        let name = "t\(number)"
        switch number {
        case 0, 1: return .stall(stream: .downstream, name: name)
        case 2: return ToxicSpecification("noop", name: name)
        case 3: return ToxicSpecification("slow_close", name: name, attributes: ["delay": 50])
        case 4:
            return ToxicSpecification("bandwidth", name: name, attributes: ["rate": .random(in: 0...3, using: &random)])
        case 5:
            return ToxicSpecification(
                "slicer", name: name,
                attributes: ["average_size": .random(in: 0...9, using: &random), "size_variation": 4, "delay": 900])
        default:
            return ToxicSpecification(
                "latency", name: name, toxicity: Bool.random(using: &random) ? 1 : 0.5,
                attributes: [
                    "latency": .random(in: 0...100, using: &random), "jitter": .random(in: 0...100, using: &random),
                ])
        }
    }

    @Test("latency holds a piece for exactly its time, and two add up")
    func latencyIsExact() {
        var chain = Self.chain([.latency(.milliseconds(100)), .latency(.milliseconds(50), name: "second")])
        chain.receive(.bytes(ByteBuffer(string: "x")), at: Self.zero)
        #expect(chain.nextDue == Self.zero + .milliseconds(100))
        chain.advance(to: Self.zero + .milliseconds(99))
        #expect(chain.next() == nil)
        // Seen to late: the second delay still counts from when the first was over.
        chain.advance(to: Self.zero + .milliseconds(130))
        #expect(chain.nextDue == Self.zero + .milliseconds(150))
        chain.advance(to: Self.zero + .milliseconds(150))
        #expect(chain.next() == .bytes(ByteBuffer(string: "x")))
    }

    @Test("a shorter latency applies to what is already held")
    func latencyUpdate() {
        var chain = Self.chain([.latency(.seconds(10))])
        chain.receive(.bytes(ByteBuffer(string: "x")), at: Self.zero)
        chain.apply(.update(.latency(.milliseconds(20))), at: Self.zero + .milliseconds(10))
        #expect(chain.nextDue == Self.zero + .milliseconds(20))
    }

    @Test("jitter stays within its bounds, is drawn from the seed, and keeps order")
    func jitter() {
        func dues(_ seed: UInt64) -> [NIODeadline] {
            var toxic = LatencyToxic(attributes: ["latency": 100, "jitter": 40])
            var random = ToxicRandom(seed: seed)
            var releases = Releases()
            for _ in 0..<200 {
                toxic.take(.end, at: Self.zero, random: &random, into: &releases)
            }
            return releases.pieces.compactMap(\.due)
        }
        let first = dues(7)
        #expect(first == dues(7))
        #expect(first != dues(8))
        #expect(first.allSatisfy { (Self.zero + .milliseconds(60)...Self.zero + .milliseconds(140)).contains($0) })
        #expect(Set(first).count > 20)
    }

    @Test("a full chain asks for no more until it has let go")
    func bound() {
        var chain = Self.chain([.stall(stream: .downstream)], limit: 1_000)
        var taken = 0
        while chain.wantsMore, taken < 100 {
            chain.receive(.bytes(ByteBuffer(repeating: 1, count: 300)), at: Self.zero)
            taken += 1
        }
        #expect(taken == 4)
        chain.apply(.remove(name: "stall_downstream"), at: Self.zero)
        _ = Self.drain(&chain)
        #expect(chain.wantsMore)
    }

    @Test("the end of the stream waits its turn behind held bytes")
    func endKeepsItsPlace() {
        var chain = Self.chain([.stall(stream: .downstream)])
        chain.receive(.bytes(ByteBuffer(string: "last words")), at: Self.zero)
        chain.receive(.end, at: Self.zero)
        #expect(chain.next() == nil)
        chain.apply(.remove(name: "stall_downstream"), at: Self.zero)
        #expect(chain.next() == .bytes(ByteBuffer(string: "last words")))
        #expect(chain.next() == .end)
    }

    @Test("bandwidth spreads bytes over the time they take")
    func bandwidth() {
        var chain = Self.chain([ToxicSpecification("bandwidth", attributes: ["rate": 10])])
        chain.receive(.bytes(ByteBuffer(repeating: 1, count: 5_000)), at: Self.zero)
        var sizes: [Int] = []
        for tenth in 1...5 {
            chain.advance(to: Self.zero + .milliseconds(Int64(tenth) * 100 - 1))
            #expect(chain.next() == nil)
            chain.advance(to: Self.zero + .milliseconds(Int64(tenth) * 100))
            sizes.append(Self.drain(&chain).count)
        }
        #expect(sizes == [1_000, 1_000, 1_000, 1_000, 1_000])
    }

    @Test("a slicer cuts to its sizes, and every byte stays")
    func slicer() {
        var chain = Self.chain([
            ToxicSpecification("slicer", attributes: ["average_size": 10, "size_variation": 5, "delay": 1_000])
        ])
        chain.receive(.bytes(ByteBuffer(repeating: 7, count: 500)), at: Self.zero)
        chain.advance(to: Self.zero + .seconds(1))
        var sizes: [Int] = []
        while case .bytes(let slice)? = chain.next() { sizes.append(slice.readableBytes) }
        #expect(sizes.reduce(0, +) == 500)
        #expect(sizes.dropLast().allSatisfy { (5...15).contains($0) })
        #expect(chain.held == 0)
    }

    @Test("slow close delays the end and nothing else")
    func slowClose() {
        var chain = Self.chain([ToxicSpecification("slow_close", attributes: ["delay": 40])])
        chain.receive(.bytes(ByteBuffer(string: "x")), at: Self.zero)
        chain.receive(.end, at: Self.zero)
        #expect(chain.next() == .bytes(ByteBuffer(string: "x")))
        #expect(chain.next() == nil)
        chain.advance(to: Self.zero + .milliseconds(40))
        #expect(chain.next() == .end)
    }

    @Test("timeout drops bytes and closes in its time, a changed one in its new time, a removed one at once")
    func timeout() {
        let timeout = ToxicSpecification("timeout", attributes: ["timeout": 50])
        var chain = Self.chain([timeout])
        chain.receive(.bytes(ByteBuffer(string: "lost")), at: Self.zero)
        #expect(chain.held == 0)
        #expect(chain.nextDue == Self.zero + .milliseconds(50))
        var later = timeout
        later.attributes["timeout"] = 80
        chain.apply(.update(later), at: Self.zero + .milliseconds(10))
        #expect(chain.nextDue == Self.zero + .milliseconds(90))
        chain.apply(.remove(name: timeout.name), at: Self.zero + .milliseconds(20))
        #expect(chain.next() == .close)
    }

    @Test("reset peer and limit data end the connection after what they let through")
    func endings() {
        var chain = Self.chain([ToxicSpecification("reset_peer", attributes: ["timeout": 30])])
        #expect(chain.nextDue == nil)
        chain.receive(.bytes(ByteBuffer(string: "lost")), at: Self.zero)
        chain.advance(to: Self.zero + .milliseconds(30))
        #expect(chain.next() == .reset)

        let limit = ToxicSpecification("limit_data", attributes: ["bytes": 10])
        chain = Self.chain([limit])
        chain.receive(.bytes(ByteBuffer(string: "1234567")), at: Self.zero)
        // What has passed counts on when attributes change.
        chain.apply(.update(limit), at: Self.zero)
        chain.receive(.bytes(ByteBuffer(string: "89012345")), at: Self.zero)
        #expect(chain.next() == .bytes(ByteBuffer(string: "1234567")))
        #expect(chain.next() == .bytes(ByteBuffer(string: "890")))
        #expect(chain.next() == .close)
        #expect(chain.held == 0)
    }

    @Test("a toxicity of one half spares about half of the connections")
    func toxicity() {
        let half = ToxicSpecification("stall", toxicity: 0.5)
        let acting = (0..<400).filter { number in
            let random = ToxicRandom(seed: 42, link: "a:b", connection: UInt64(number), stream: .downstream)
            return ToxicChain(limit: 1, random: random, toxics: [half], at: Self.zero).acts
        }
        #expect((140...260).contains(acting.count))
    }
}
