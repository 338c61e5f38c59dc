import NIOCore
import Testing

@testable import Redis

@Suite("Redis commands on the wire")
struct CommandFormatterTests {
    @Test("arguments are counted bytes, whatever they hold")
    func arguments() throws {
        let command = RedisCommand(
            "SET", "a\r\nkey", .bytes([0, 13, 10, 255]), .buffer(ByteBuffer(string: "né")), .integer(.min), "")
        var expected = Array("*6\r\n$3\r\nSET\r\n$6\r\na\r\nkey\r\n$4\r\n".utf8)
        expected += [0, 13, 10, 255]
        expected += "\r\n$3\r\nné\r\n$20\r\n-9223372036854775808\r\n$0\r\n\r\n".utf8
        #expect(CommandFormatter.format(command, maximumBytes: 1000) == expected)
    }

    @Test("a command past the limit is not made")
    func limit() {
        let command = RedisCommand("SET", "key", .bytes([UInt8](repeating: 0, count: 1000)))
        #expect(CommandFormatter.format(command, maximumBytes: 1000) == nil)
        #expect(CommandFormatter.format(command, maximumBytes: 2000) != nil)
    }

    @Test("commands that would upset those who share the connection are objected to")
    func objections() {
        for name in ["SUBSCRIBE", "multi", "Monitor", "SELECT", "BLPOP", "HELLO", "QUIT"] {
            #expect(RedisCommand(name).objection != nil)
        }
        #expect(RedisCommand("CLIENT", "reply", "OFF").objection != nil)
        #expect(RedisCommand("CLIENT", "ID").objection == nil)
        #expect(RedisCommand("GET", "subscribe").objection == nil)
    }

    @Test("the endpoint's password is in no text made of it")
    func password() {
        let endpoint = RedisEndpoint(name: "cache", host: "127.0.0.1", port: 1, password: "hunter2")
        var dumped = ""
        dump(endpoint, to: &dumped)
        #expect(!"\(endpoint) \(String(reflecting: endpoint)) \(dumped)".contains("hunter2"))
    }

    @Test("scripts are named by the SHA-1 of their source")
    func digest() {
        // As `printf 'return 1' | sha1sum` says.
        #expect(RedisScript("return 1").digest == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    }
}
