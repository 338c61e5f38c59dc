import NIOCore

/// An answer's body as it lies in the cache, with what is known of its origin.
public struct CacheEntry: Sendable, Hashable {
    /// What `ETag` says of it.
    public let tag: String
    /// The answer's JSON; empty when there is no such thing.
    public let body: ByteBuffer
    /// Whether the answer is that there is no such thing.
    public let isAbsent: Bool
    /// What changes it has for certain.
    var version = CacheVersion.unknown
    /// The name of the shard that it came from; empty when it is not known.
    var shard = ""
    /// Nothing in it lies beyond this position of the shard; nil when that is not known.
    var seen: ShardPosition?
    /// How long it counts from its loading on.
    var lifetime = Duration.zero

    /// Makes an entry.
    /// - Parameter number: the thing's version; nil where it has none that grows with every change.
    public init(tag: String, body: ByteBuffer, number: Int64? = nil) {
        self.tag = tag
        self.body = body
        isAbsent = false
        version.number = number
    }

    /// There is no such thing. Any version of it is newer.
    static var absent: CacheEntry { CacheEntry() }

    private init() {
        tag = ""
        body = ByteBuffer()
        isAbsent = true
        version.number = 0
    }

    /// Up to where it has everything; nil when that is not known.
    var position: ShardPosition? { version.position?.position }

    /// Whether it has everything that a session has seen of its shard.
    func satisfies(_ requirement: ShardPosition?, of shard: String) -> Bool {
        guard let requirement else { return true }
        return self.shard == shard && position?.satisfies(requirement) == true
    }
}

// MARK: In Redis

extension CacheEntry {
    private static let newline = UInt8(ascii: "\n")
    private static let maximumHeaderBytes = 512

    /// Reads what ``encoded`` wrote; nil for anything else, so that a flipped bit on the way is a miss and never an
    /// answer.
    public init?(_ bytes: [UInt8]) {
        var buffer = ByteBuffer(bytes: bytes)
        guard let checksum = buffer.readInteger(as: UInt64.self), checksum == Self.checksum(of: buffer),
            let end = buffer.readableBytesView.prefix(Self.maximumHeaderBytes).firstIndex(of: Self.newline),
            let header = buffer.readString(length: end - buffer.readerIndex)
        else { return nil }
        let parts = header.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 7, let milliseconds = Int64(parts[6]) else { return nil }
        buffer.moveReaderIndex(forwardBy: 1)
        if parts[0] == "!" {
            self.init()
        } else {
            self.init(tag: parts[1], body: buffer.slice())
        }
        version = CacheVersion(number: parts[2], position: parts[3])
        shard = parts[4]
        seen = ShardPosition(parts[5])
        lifetime = .milliseconds(milliseconds)
    }

    /// As it is kept in Redis: a checksum, one line about it, the body.
    public var encoded: ByteBuffer {
        let header = [
            isAbsent ? "!" : "+", tag, CacheVersion.digits(version.number), CacheVersion.digits(version.position),
            shard, seen?.description ?? "", "\(Int64(lifetime.milliseconds))",
        ]
        var rest = ByteBuffer(string: header.joined(separator: " "))
        rest.writeInteger(Self.newline)
        rest.writeImmutableBuffer(body)
        var buffer = ByteBuffer(integer: Self.checksum(of: rest))
        buffer.writeBuffer(&rest)
        return buffer
    }

    /// FNV-1a (Fowler, Noll, Vo) taken a word at a time, with a rotation so that high bits come back down: a change
    /// within one word always changes the sum.
    static func checksum(of buffer: ByteBuffer) -> UInt64 {
        buffer.withUnsafeReadableBytes { bytes in
            var sum: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bytes.count)
            func mix(_ word: UInt64) {
                sum = (sum ^ word) &* 0x0000_0100_0000_01B3
                sum = sum << 29 | sum >> 35
            }
            var place = 0
            while place + 8 <= bytes.count {
                mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
                place += 8
            }
            var tail: UInt64 = 0
            while place < bytes.count {
                tail = tail << 8 | UInt64(bytes[place])
                place += 1
            }
            mix(tail)
            return sum
        }
    }
}
