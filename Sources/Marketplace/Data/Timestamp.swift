import Postgres

/// A moment in UTC, to the microsecond, as the database keeps it.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// Since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    /// Makes a moment from microseconds since 1970 in UTC.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    init(_ value: PostgresTimestamp) {
        microseconds = value.unixMicroseconds
    }

    var forDatabase: PostgresTimestamp { PostgresTimestamp(unixMicroseconds: microseconds) }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}

extension Timestamp: LosslessStringConvertible {
    /// RFC 3339 in UTC with microseconds, `2026-01-31T08:00:00.000000Z`.
    public var description: String { PostgresTimestamp(unixMicroseconds: microseconds).description }

    /// Reads RFC 3339 with `Z` or a numeric offset and up to six digits of a second; nil for anything else.
    public init?(_ text: String) {
        var rest = Substring(text)
        guard let year = Self.take(&rest, 4), Self.skip(&rest, "-"), let month = Self.take(&rest, 2),
            Self.skip(&rest, "-"), let day = Self.take(&rest, 2), Self.skip(&rest, "Tt "),
            let hour = Self.take(&rest, 2), Self.skip(&rest, ":"), let minute = Self.take(&rest, 2),
            Self.skip(&rest, ":"), let second = Self.take(&rest, 2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if Self.skip(&rest, ".") {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard (1...9).contains(digits.count) else { return nil }
            fraction = Int64(digits.prefix(6).padding(to: 6)) ?? 0
            rest = rest.dropFirst(digits.count)
        }
        guard let offset = Self.offsetSeconds(&rest), rest.isEmpty else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    private static func offsetSeconds(_ rest: inout Substring) -> Int64? {
        if skip(&rest, "Zz") { return 0 }
        let sign: Int64 = rest.first == "-" ? -1 : 1
        // A `+` that nobody escaped arrives from a query string as a space.
        guard skip(&rest, "+- "), let hours = take(&rest, 2), skip(&rest, ":"), let minutes = take(&rest, 2),
            hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func take(_ rest: inout Substring, _ count: Int) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        rest = rest.dropFirst(count)
        return Int64(digits)
    }

    private static func skip(_ rest: inout Substring, _ any: String) -> Bool {
        guard let first = rest.first, any.contains(first) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Days since 1970 from a civil date (Hinnant, "chrono-compatible low-level date algorithms", 2013).
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = y.floored(by: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    /// Quotient and remainder, the remainder never negative.
    fileprivate func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let remainder = (self % divisor + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
}

extension Substring {
    fileprivate func padding(to width: Int) -> String {
        String(self) + String(repeating: "0", count: Swift.max(0, width - count))
    }
}
