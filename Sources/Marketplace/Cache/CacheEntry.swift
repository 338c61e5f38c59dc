import NIOCore

/// An answer's body as it lies in the cache: a checksum, a tag, and the bytes. The tag is a product's version or a
/// list's generation.
public struct CacheEntry: Sendable, Hashable {
    /// What `ETag` says of it.
    public let tag: String
    /// The answer's JSON.
    public let body: ByteBuffer

    /// Makes an entry.
    public init(tag: String, body: ByteBuffer) {
        self.tag = tag
        self.body = body
    }

    private static let checksumBytes = 8
    private static let newline = UInt8(ascii: "\n")

    /// Reads what ``encoded`` wrote; nil for anything else, so that a flipped bit on the way is a miss and never an
    /// answer.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count > Self.checksumBytes else { return nil }
        var buffer = ByteBuffer(bytes: bytes)
        guard let checksum = buffer.readInteger(as: UInt64.self), checksum == Self.checksum(of: buffer),
            let end = buffer.readableBytesView.prefix(64).firstIndex(of: Self.newline),
            let tag = buffer.readString(length: end - buffer.readerIndex)
        else { return nil }
        buffer.moveReaderIndex(forwardBy: 1)
        self.init(tag: tag, body: buffer.slice())
    }

    /// As it is kept in Redis.
    public var encoded: ByteBuffer {
        var rest = ByteBuffer(string: tag)
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
