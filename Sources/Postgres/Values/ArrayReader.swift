/// Walks the binary form of a one-dimensional array: dimensions, has-null flag, element type, then length, lower bound
/// and the elements, each behind its length (PostgreSQL's `array_send`).
struct ArrayReader {
    let cell: PostgresCell
    var offset = 0

    mutating func elements<Element: PostgresDecodable>() throws(PostgresDecodingError) -> [Element] {
        let dimensions = try int32()
        _ = try int32()
        let type = PostgresType(rawValue: UInt32(bitPattern: try int32()))
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw cell.mismatch([Element].self) }
        let count = Int(try int32())
        _ = try int32()
        // Each element has a length of four bytes, so that a lying count cannot reserve more than the reply holds.
        guard count >= 0, count <= (cell.bytes.count - offset) / 4 else { throw cell.mismatch([Element].self) }
        var result: [Element] = []
        result.reserveCapacity(count)
        for _ in 0..<count {
            let length = Int(try int32())
            if length < 0 {
                result.append(try Element.decodeNull(column: cell.column))
                continue
            }
            guard length <= cell.bytes.count - offset else { throw cell.mismatch([Element].self) }
            let bytes = UnsafeRawBufferPointer(rebasing: cell.bytes[offset..<offset + length])
            offset += length
            result.append(
                try Element(
                    decoding: PostgresCell(type: type, bytes: bytes, storage: cell.storage, position: cell.position)))
        }
        return result
    }

    private mutating func int32() throws(PostgresDecodingError) -> Int32 {
        guard cell.bytes.count - offset >= 4 else { throw cell.mismatch([UInt8].self) }
        defer { offset += 4 }
        return Int32(bigEndian: cell.bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }
}
