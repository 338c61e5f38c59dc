/// The text of a UUID's sixteen bytes, in lower case with hyphens (RFC 9562).
enum PostgresUUIDText {
    static func text(of cell: PostgresCell) throws(PostgresDecodingError) -> String {
        guard cell.bytes.count == 16 else { throw cell.mismatch(String.self) }
        return String(unsafeUninitializedCapacity: 36) { target in
            var offset = 0
            for (index, byte) in cell.bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    target[offset] = UInt8(ascii: "-")
                    offset += 1
                }
                target[offset] = hexadecimal(byte >> 4)
                target[offset + 1] = hexadecimal(byte & 15)
                offset += 2
            }
            return offset
        }
    }

    private static func hexadecimal(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
