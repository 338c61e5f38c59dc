/// A position in the write-ahead log, a `pg_lsn`: bytes since the log began.
public struct WALPosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// From the beginning of the WAL.
    public var bytes: UInt64

    /// Makes a position.
    public init(bytes: UInt64) { self.bytes = bytes }

    /// Reads Postgres's form `16/B374D848`; nil when the text is not one.
    public init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let high = UInt32(halves[0], radix: 16), let low = UInt32(halves[1], radix: 16) else {
            return nil
        }
        bytes = UInt64(high) << 32 | UInt64(low)
    }

    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    public var description: String {
        String(bytes >> 32, radix: 16, uppercase: true) + "/"
            + String(bytes & 0xFFFF_FFFF, radix: 16, uppercase: true)
    }
}

extension WALPosition: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .pgLSN }
    public func encode(into target: inout [UInt8]) { target.appendBigEndian(bytes) }
    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        guard cell.type == .pgLSN else { throw cell.mismatch(WALPosition.self) }
        bytes = try cell.integer(UInt64.self)
    }
}
