import Foundation
import Postgres
import Synchronization

/// A scripted server that speaks just enough of the protocol (PostgreSQL documentation, "Frontend/Backend Protocol") to
/// answer every statement with the bytes of its first parameter, and breaks off as told.
final class FakePostgresServer: Sendable {
    /// How the answers to a client's statements leave; the start-up is always delivered whole.
    enum Delivery: Sendable {
        case whole
        /// Every byte is a write of its own.
        case sliced
        /// After so many bytes the connection is closed in the orderly way.
        case truncated(after: Int)
        /// After so many bytes the connection is reset.
        case reset(after: Int)
        /// After so many bytes nothing comes any more.
        case silent(after: Int)
        /// The byte at this offset of the answers is another one.
        case corrupted(at: Int)
    }

    private let port: Int
    private let listener: Int32
    private let delivery: Mutex<Delivery>
    private let accepted = Atomic<Int>(0)

    init(_ delivery: Delivery) throws {
        self.delivery = Mutex(delivery)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) != 0 || listen(listener, 64) != 0 || getsockname(listener, $0, &length) != 0
            }
        }
        if failed { throw PostgresTestServer.SetUpError(description: "cannot listen on 127.0.0.1: \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in acceptAll() }
    }

    var endpoint: PostgresEndpoint { endpoint(host: "127.0.0.1") }

    func endpoint(host: String) -> PostgresEndpoint {
        PostgresEndpoint(name: "fake", host: host, port: port, user: "test", database: "test")
    }

    var connections: Int { accepted.load(ordering: .relaxed) }

    /// Connections that come from now on are served so.
    func deliver(_ other: Delivery) { delivery.withLock { $0 = other } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func acceptAll() {
        while true {
            let client = accept(listener, nil, nil)
            if client < 0 { return }
            accepted.add(1, ordering: .relaxed)
            let delivery = delivery.withLock { $0 }
            Thread.detachNewThread { FakeSession(client: client, delivery: delivery).serve() }
        }
    }
}

/// One client of a ``FakePostgresServer``, served by a thread of its own.
private final class FakeSession {
    private let client: Int32
    private let delivery: FakePostgresServer.Delivery
    private var sent = 0
    private var isOver = false

    init(client: Int32, delivery: FakePostgresServer.Delivery) {
        self.client = client
        self.delivery = delivery
    }

    func serve() {
        defer { close(client) }
        guard let length = read(4), read(Self.number(length) - 4) != nil else { return }
        var greeting = Self.message("R", Self.int32(0))
        greeting += Self.message("S", Array("client_encoding\0UTF8\0".utf8))
        greeting += Self.message("S", Array("server_version\015.0\0".utf8))
        greeting += Self.message("K", Self.int32(1) + Self.int32(2))
        greeting += Self.message("Z", Array("I".utf8))
        write(greeting[...])
        var echo: [UInt8] = []
        while !isOver, let head = read(5), let body = read(Self.number(Array(head[1...])) - 4) {
            switch head[0] {
            case UInt8(ascii: "P"): answer(Self.message("1", []))
            case UInt8(ascii: "B"):
                echo = Self.firstParameter(body)
                answer(Self.message("2", []))
            case UInt8(ascii: "D"):
                // One column named "e" of type text in binary form.
                let column =
                    Array("e\0".utf8) + Self.int32(0) + [0, 0] + Self.int32(25) + [255, 255] + Self.int32(-1) + [0, 1]
                answer(Self.message("T", [0, 1] + column))
            case UInt8(ascii: "E"):
                answer(Self.message("D", [0, 1] + Self.int32(Int32(echo.count)) + echo))
                answer(Self.message("C", Array("SELECT 1\0".utf8)))
            case UInt8(ascii: "S"): answer(Self.message("Z", Array("I".utf8)))
            case UInt8(ascii: "X"): return
            default: break
            }
        }
    }

    private func answer(_ bytes: [UInt8]) {
        let before = sent
        sent += bytes.count
        switch delivery {
        case .whole: write(bytes[...])
        case .sliced: for byte in bytes { write([byte]) }
        case .truncated(let limit):
            write(bytes.prefix(max(0, limit - before)))
            if sent >= limit { isOver = true }
        case .silent(let limit): write(bytes.prefix(max(0, limit - before)))
        case .reset(let limit):
            write(bytes.prefix(max(0, limit - before)))
            if sent >= limit {
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
                isOver = true
            }
        case .corrupted(let position):
            var changed = bytes
            if position >= before, position < sent { changed[position - before] ^= 0x55 }
            write(changed[...])
        }
    }

    private func read(_ count: Int) -> [UInt8]? {
        guard count >= 0, count < 1 << 20 else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = bytes.withUnsafeMutableBytes { recv(client, $0.baseAddress! + have, count - have, 0) }
            if got <= 0 { return nil }
            have += got
        }
        return bytes
    }

    private func write(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let put = rest.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if put <= 0 {
                isOver = true
                return
            }
            rest = rest.dropFirst(put)
        }
    }

    /// Portal, statement, formats, then the parameters, each behind its length.
    private static func firstParameter(_ bind: [UInt8]) -> [UInt8] {
        var rest = bind[...]
        for _ in 0..<2 { rest = rest.drop { $0 != 0 }.dropFirst() }
        let formats = Int(rest.first!) << 8 | Int(rest.dropFirst().first!)
        rest = rest.dropFirst(2 + formats * 2)
        let parameters = Int(rest.first!) << 8 | Int(rest.dropFirst().first!)
        rest = rest.dropFirst(2)
        if parameters == 0 { return [] }
        return Array(rest.dropFirst(4).prefix(number(Array(rest.prefix(4)))))
    }

    private static func number(_ bytes: [UInt8]) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    private static func int32(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    private static func message(_ kind: Character, _ body: [UInt8]) -> [UInt8] {
        [kind.asciiValue!] + int32(Int32(body.count + 4)) + body
    }
}
