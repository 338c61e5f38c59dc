/// A `timestamptz`: a moment to the microsecond.
public struct PostgresTimestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var unixMicroseconds: Int64

    /// Makes a moment from microseconds since 1970 in UTC.
    public init(unixMicroseconds: Int64) { self.unixMicroseconds = unixMicroseconds }

    /// Postgres counts from 2000-01-01T00:00:00Z.
    private static let epochOffsetMicroseconds: Int64 = 946_684_800_000_000

    public static func < (left: Self, right: Self) -> Bool { left.unixMicroseconds < right.unixMicroseconds }

    /// RFC 3339 in UTC with microseconds: `2025-01-31T09:00:00.000000Z`.
    public var description: String {
        let seconds = unixMicroseconds.flooredDivision(by: 1_000_000)
        let micros = unixMicroseconds - seconds * 1_000_000
        let days = seconds.flooredDivision(by: 86_400)
        let ofDay = seconds - days * 86_400
        let (year, month, day) = Self.civil(daysSinceEpoch: days)
        func pad(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T"
            + "\(pad(ofDay / 3600, 2)):\(pad(ofDay / 60 % 60, 2)):\(pad(ofDay % 60, 2)).\(pad(micros, 6))Z"
    }

    /// Howard Hinnant's `civil_from_days` (https://howardhinnant.github.io/date_algorithms.html).
    private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }
}

extension PostgresTimestamp: PostgresEncodable, PostgresDecodable {
    public static var postgresType: PostgresType { .timestamptz }

    public func encode(into bytes: inout [UInt8]) {
        bytes.appendBigEndian(unixMicroseconds - Self.epochOffsetMicroseconds)
    }

    public init(decoding cell: PostgresCell) throws(PostgresDecodingError) {
        guard cell.type == .timestamptz || cell.type == .timestamp else { throw cell.mismatch(PostgresTimestamp.self) }
        unixMicroseconds = try cell.integer(Int64.self) + Self.epochOffsetMicroseconds
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
