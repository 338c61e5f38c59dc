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

    private static func anyToxic(_ random: inout ToxicRandom) -> ToxicSpecification {
        let name = "t\(Int.random(in: 0..<4, using: &random))"
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return .stall(stream: .downstream, name: name)
        case 1: return ToxicSpecification("noop", name: name)
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
