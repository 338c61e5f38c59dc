/// Reads the headers of RESP2 replies, and nothing else, ahead of hiredis: hiredis 0.14 reserves what a header
/// announces (16 GB for `*2147483647`), so lengths, nesting and sizes are checked before it sees them.
///
/// It takes bytes as they come, in pieces of any size. It is stricter than hiredis: what it lets pass, hiredis reads in
/// the same way (https://redis.io/docs/latest/develop/reference/protocol-spec/).
struct ReplyScanner {
    /// What is wrong with a reply, in words.
    struct Refusal: Error, Equatable {
        var message: String

        init(_ message: String) { self.message = message }
    }

    private enum Position: Equatable {
        /// At the first byte of a value.
        case type
        /// In a status or error line.
        case text
        /// In a number: of an integer, a string's length or an array's count.
        case number
        /// Behind the carriage return of a line.
        case lineEnd
        /// In a string's bytes, so many left with the two of its end.
        case payload(left: Int)
    }

    private let limits: ReplyLimits
    private let maximumDepth: Int
    private var position = Position.type
    private var type: UInt8 = 0
    private var digits: UInt64 = 0
    private var digitCount = 0
    private var isNegative = false
    private var lineBytes = 0
    /// Values still to come in each open array, outermost first.
    private var open: [Int] = []
    private var replyBytes = 0
    private var replyElements = 0

    init(_ limits: ReplyLimits) {
        self.limits = limits
        maximumDepth = min(limits.maximumDepth, 8)
        open.reserveCapacity(maximumDepth)
    }

    /// Checks the next bytes of the stream. After a refusal the stream is of no more use.
    ///
    /// - Returns: how many of the bytes may be parsed, and why the rest may not.
    mutating func scan(_ bytes: UnsafeRawBufferPointer) -> (safe: Int, refusal: Refusal?) {
        // What precedes an offending line may be parsed; the line itself hiredis must not see whole.
        var lineStart = 0
        var index = 0
        do throws(Refusal) {
            while index < bytes.count {
                if case .payload(let left) = position {
                    index += try skipPayload(left, bytes, index)
                    continue
                }
                if position == .type { lineStart = index }
                try step(bytes[index])
                index += 1
            }
            return (bytes.count, nil)
        } catch {
            return (lineStart, error)
        }
    }

    private mutating func step(_ byte: UInt8) throws(Refusal) {
        replyBytes += 1
        lineBytes += 1
        switch position {
        case .type:
            try begin(byte)
        case .text:
            if byte == UInt8(ascii: "\r") {
                position = .lineEnd
            } else if byte == UInt8(ascii: "\n") {
                throw Refusal("a line feed inside a line")
            } else if lineBytes > limits.maximumLineBytes {
                throw Refusal("a line of more than \(limits.maximumLineBytes) bytes")
            }
        case .number:
            try number(byte)
        case .lineEnd:
            guard byte == UInt8(ascii: "\n") else { throw Refusal("a carriage return inside a line") }
            try endLine()
        case .payload:
            preconditionFailure("payload bytes are skipped in runs")
        }
    }

    private mutating func begin(_ byte: UInt8) throws(Refusal) {
        type = byte
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            position = .text
        case UInt8(ascii: ":"), UInt8(ascii: "$"), UInt8(ascii: "*"):
            position = .number
            digits = 0
            digitCount = 0
            isNegative = false
        default:
            throw Refusal("a reply of type 0x\(String(byte, radix: 16)), which RESP2 does not have")
        }
    }

    private mutating func number(_ byte: UInt8) throws(Refusal) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
            digits = product &+ UInt64(byte - UInt8(ascii: "0"))
            digitCount += 1
            if overflow || digitCount > 19 || digits > UInt64(Int64.max) + (isNegative ? 1 : 0) {
                throw Refusal("a number past 64 bits")
            }
        case UInt8(ascii: "-") where lineBytes == 2:
            isNegative = true
        case UInt8(ascii: "\r") where digitCount > 0:
            position = .lineEnd
        default:
            throw Refusal("0x\(String(byte, radix: 16)) in a number")
        }
    }

    private mutating func endLine() throws(Refusal) {
        lineBytes = 0
        if replyBytes > limits.maximumBytes { throw Refusal("a reply of more than \(limits.maximumBytes) bytes") }
        switch type {
        case UInt8(ascii: "$"):
            guard let length = try announced("string") else { return try endValue() }
            guard length <= UInt64(limits.maximumBytes), replyBytes + Int(length) + 2 <= limits.maximumBytes else {
                throw Refusal("a string of \(length) bytes, in a reply of \(limits.maximumBytes) at most")
            }
            position = .payload(left: Int(length) + 2)
        case UInt8(ascii: "*"):
            guard let count = try announced("array") else { return try endValue() }
            guard count <= UInt64(limits.maximumElements), replyElements + Int(count) <= limits.maximumElements else {
                throw Refusal("an array of \(count), in a reply of \(limits.maximumElements) elements at most")
            }
            guard open.count < maximumDepth else { throw Refusal("arrays nested more than \(maximumDepth) deep") }
            replyElements += Int(count)
            if count == 0 { return try endValue() }
            open.append(Int(count))
            position = .type
        default:
            try endValue()
        }
    }

    /// The length a header announced; nil for the null string and the null array, which are -1.
    private func announced(_ what: String) throws(Refusal) -> UInt64? {
        guard isNegative else { return digits }
        guard digits == 1 else { throw Refusal("\(what) of negative length") }
        return nil
    }

    private mutating func endValue() throws(Refusal) {
        position = .type
        while let left = open.last {
            if left > 1 {
                open[open.count - 1] = left - 1
                return
            }
            open.removeLast()
        }
        replyBytes = 0
        replyElements = 0
    }

    /// Steps over what there is of a string, and checks that it ends where it should.
    private mutating func skipPayload(
        _ left: Int, _ bytes: UnsafeRawBufferPointer, _ index: Int
    ) throws(Refusal) -> Int {
        let available = min(left, bytes.count - index)
        for offset in min(max(0, left - 2), available)..<available {
            let expected = left - offset == 2 ? UInt8(ascii: "\r") : UInt8(ascii: "\n")
            guard bytes[index + offset] == expected else { throw Refusal("a string longer than announced") }
        }
        replyBytes += available
        if available == left {
            try endValue()
        } else {
            position = .payload(left: left - available)
        }
        return available
    }
}
