/// The binary form of `numeric`: digits in base 10,000, their weight, sign and display scale (PostgreSQL's
/// `numeric_send`). `sum(bigint)` is one, which is why integers can be read from it.
enum PostgresNumeric {
    private static let negative: UInt16 = 0x4000
    private static let positive: UInt16 = 0x0000

    /// The decimal text, as `numeric::text` gives it. NaN and infinities are refused.
    static func text(of cell: PostgresCell) throws(PostgresDecodingError) -> String {
        let bytes = cell.bytes
        guard bytes.count >= 8 else { throw cell.mismatch(String.self) }
        func word(_ index: Int) -> UInt16 {
            UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        }
        let count = Int(word(0))
        let weight = Int(Int16(bitPattern: word(1)))
        let sign = word(2)
        let scale = Int(word(3))
        guard bytes.count == 8 + count * 2, sign == negative || sign == positive else {
            throw cell.mismatch(String.self)
        }
        func group(_ position: Int) -> String {
            let index = weight - position
            guard index >= 0, index < count else { return "0000" }
            let digits = String(word(4 + index))
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
        var whole = ""
        if weight >= 0 {
            for position in stride(from: weight, through: 0, by: -1) { whole += group(position) }
        }
        whole = String(whole.drop { $0 == "0" })
        var result = (sign == negative ? "-" : "") + (whole.isEmpty ? "0" : whole)
        if scale > 0 {
            var fraction = ""
            var position = -1
            while fraction.count < scale {
                fraction += group(position)
                position -= 1
            }
            result += "." + fraction.prefix(scale)
        }
        return result
    }
}
