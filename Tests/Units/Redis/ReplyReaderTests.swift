import Generators
import Testing

@testable import Redis

@Suite("Redis replies, bounded before they are parsed")
struct ReplyReaderTests {
    @Test("every type is read")
    func types() throws {
        let text =
            "+OK\r\n-ERR no\r\n:-42\r\n$5\r\nhe\r\no\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*1\r\n$1\r\na\r\n"
        #expect(
            try read(text, sliced: .max) == [
                .status("OK"), .error(RedisServerError(message: "ERR no")), .integer(-42), .bulk(Array("he\r\no".utf8)),
                .bulk([]), .null, .null, .array([]), .array([.integer(1), .array([.bulk([97])])]),
            ])
    }

    @Test("the smallest and the greatest integer are read")
    func integers() throws {
        #expect(
            try read(":-9223372036854775808\r\n:9223372036854775807\r\n", sliced: .max)
                == [.integer(.min), .integer(.max)])
    }

    @Test("slicing a stream changes nothing", arguments: 1...60)
    func slices(seed: UInt64) throws {
        var dice = SplitMix64(seed: seed)
        let values = (0..<40).map { _ in randomValue(&dice, depth: 0) }
        let bytes = values.reduce(into: [UInt8]()) { encode($1, into: &$0) }
        let reader = ReplyReader(ReplyLimits())
        var replies: [RedisValue] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let slice = Array(rest.prefix(Int.random(in: 1...(seed.isMultiple(of: 2) ? 3 : 300), using: &dice)))
            rest = rest.dropFirst(slice.count)
            try slice.withUnsafeBytes { try reader.read($0, into: &replies) }
        }
        #expect(replies == values, "seed \(seed)")
    }

    @Test(
        "what no server of sound mind sends is refused",
        arguments: [
            "*2147483647\r\n", "*262145\r\n", "$2147483647\r\n", "$33554432\r\n", "$9223372036854775807\r\n",
            "*99999999999999999999\r\n", "$-2\r\n", "*-2\r\n", ":9223372036854775808\r\n", ":\r\n", ":1x\r\n",
            "$ 5\r\n",
            "$5\r\nhelloXX", "$5\r\nhello\rX", "%1\r\n", "HTTP/1.1 200 OK\r\n", "\0", "+a\rb\r\n", "+a\nb\r\n",
            String(repeating: "*1\r\n", count: 9), "*200000\r\n*200000\r\n",
            "+" + String(repeating: "x", count: 70_000),
        ])
    func evil(text: String) throws {
        for slice in [Int.max, 1] {
            let reader = ReplyReader(ReplyLimits())
            var replies: [RedisValue] = []
            #expect(throws: ReplyScanner.Refusal.self, "\(text.prefix(30).debugDescription) in slices of \(slice)") {
                for chunk in chunks(Array((":7\r\n" + text).utf8), of: slice) {
                    try chunk.withUnsafeBytes { try reader.read($0, into: &replies) }
                }
            }
            #expect(replies == [.integer(7)], "what came before is still a reply")
        }
    }

    @Test("eight arrays inside each other are read, as hiredis can")
    func nesting() throws {
        let reply = try read(String(repeating: "*1\r\n", count: 8) + ":1\r\n", sliced: 1)
        #expect(reply.count == 1)
    }

    @Test("the bytes of a whole reply are bounded, however it is made up")
    func total() {
        var limits = ReplyLimits()
        limits.maximumBytes = 1000
        let reader = ReplyReader(limits)
        var replies: [RedisValue] = []
        let bulk = "$90\r\n" + String(repeating: "x", count: 90) + "\r\n"
        #expect(throws: Never.self) {
            for _ in 0..<50 { try Array(bulk.utf8).withUnsafeBytes { try reader.read($0, into: &replies) } }
        }
        #expect(throws: ReplyScanner.Refusal.self) {
            let text = "*11\r\n" + String(repeating: bulk, count: 11)
            try Array(text.utf8).withUnsafeBytes { try reader.read($0, into: &replies) }
        }
    }

    private func read(_ text: String, sliced size: Int) throws -> [RedisValue] {
        let reader = ReplyReader(ReplyLimits())
        var replies: [RedisValue] = []
        for chunk in chunks(Array(text.utf8), of: size) {
            try chunk.withUnsafeBytes { try reader.read($0, into: &replies) }
        }
        return replies
    }

    private func chunks(_ bytes: [UInt8], of size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: min(size, bytes.count)).map { start in
            Array(bytes[start..<min(bytes.count, start + min(size, bytes.count))])
        }
    }

    private func randomValue(_ dice: inout SplitMix64, depth: Int) -> RedisValue {
        switch Int.random(in: 0..<(depth < 7 ? 7 : 6), using: &dice) {
        case 0: return .null
        case 1: return .integer(Int64(truncatingIfNeeded: dice.next()))
        case 2: return .status("status \(dice.next() % 1000)")
        case 3: return .error(RedisServerError(message: "ERR \(dice.next() % 1000)"))
        case 4, 5: return .bulk((0..<Int(dice.next() % 200)).map { _ in UInt8(truncatingIfNeeded: dice.next()) })
        default: return .array((0..<Int(dice.next() % 5)).map { _ in randomValue(&dice, depth: depth + 1) })
        }
    }

    private func encode(_ value: RedisValue, into bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "$-1\r\n".utf8
        case .integer(let integer): bytes += ":\(integer)\r\n".utf8
        case .status(let text): bytes += "+\(text)\r\n".utf8
        case .error(let error): bytes += "-\(error.message)\r\n".utf8
        case .bulk(let string): bytes += Array("$\(string.count)\r\n".utf8) + string + [13, 10]
        case .array(let elements):
            bytes += "*\(elements.count)\r\n".utf8
            for element in elements { encode(element, into: &bytes) }
        }
    }
}
