import CHiredis
import NIOCore

/// Writes commands as the protocol has them, by hiredis.
enum CommandFormatter {
    /// The command's bytes on the wire, or nil when they might pass `maximumBytes`.
    static func format(_ command: RedisCommand, maximumBytes: Int) -> [UInt8]? {
        var capacity = command.name.utf8.count
        for argument in command.arguments { capacity += argument.maximumByteCount }
        let count = command.arguments.count + 1
        // Each word has a header of 16 bytes at most at these sizes, as has the whole.
        guard capacity + 16 * (count + 1) <= maximumBytes else { return nil }
        // One byte more, so that an empty last word still points into the memory.
        return withUnsafeTemporaryAllocation(byteCount: capacity + 1, alignment: 1) { scratch in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { words in
                withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { lengths in
                    var rest = scratch
                    for index in 0..<count {
                        let length =
                            index == 0
                            ? copy(command.name, to: rest) : copy(command.arguments[index - 1], to: rest)
                        words.initializeElement(
                            at: index, to: UnsafePointer(rest.baseAddress?.assumingMemoryBound(to: CChar.self)))
                        lengths.initializeElement(at: index, to: length)
                        rest = UnsafeMutableRawBufferPointer(rebasing: rest[length...])
                    }
                    return encode(words, lengths)
                }
            }
        }
    }

    private static func encode(
        _ words: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>, _ lengths: UnsafeMutableBufferPointer<Int>
    ) -> [UInt8] {
        var target: UnsafeMutablePointer<CChar>?
        let size = Int(redisFormatCommandArgv(&target, Int32(words.count), words.baseAddress, lengths.baseAddress))
        guard size >= 0, let target else {
            // The size is bounded above, so only exhausted memory is left; no error could be made then either.
            fatalError("hiredis: out of memory")
        }
        defer { redisFreeCommand(target) }
        return [UInt8](UnsafeRawBufferPointer(start: target, count: size))
    }

    private static func copy(_ text: String, to target: UnsafeMutableRawBufferPointer) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            target.copyMemory(from: UnsafeRawBufferPointer(bytes))
            return bytes.count
        }
    }

    private static func copy(_ argument: RedisArgument, to target: UnsafeMutableRawBufferPointer) -> Int {
        switch argument {
        case .text(let text):
            return copy(text, to: target)
        case .bytes(let bytes):
            target.copyBytes(from: bytes)
            return bytes.count
        case .buffer(let buffer):
            return buffer.withUnsafeReadableBytes { bytes in
                target.copyMemory(from: bytes)
                return bytes.count
            }
        case .integer(let value):
            return copy(String(value), to: target)
        }
    }
}
