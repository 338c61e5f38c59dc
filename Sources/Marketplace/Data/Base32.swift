/// Ids as text: Crockford's base 32 in lower case (crockford.com/base32.html), 13 digits a number, fixed width so that
/// text sorts as its number does.
enum Base32 {
    static let digitsPerNumber = 13
    private static let alphabet = [UInt8]("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { table[Int(digit)] = UInt8(value) }
        return table
    }()

    static func text(prefix: String, numbers: [Int64]) -> String {
        let width = prefix.utf8.count + numbers.count * digitsPerNumber
        return String(unsafeUninitializedCapacity: width) { buffer in
            var end = 0
            for byte in prefix.utf8 {
                buffer[end] = byte
                end += 1
            }
            for number in numbers {
                var rest = UInt64(bitPattern: number)
                for place in stride(from: end + digitsPerNumber - 1, through: end, by: -1) {
                    buffer[place] = alphabet[Int(rest & 31)]
                    rest >>= 5
                }
                end += digitsPerNumber
            }
            return end
        }
    }

    /// Nil unless the text is exactly the prefix and `count` numbers greater than 0.
    static func numbers(_ text: String, prefix: String, count: Int) -> [Int64]? {
        guard text.utf8.count == prefix.utf8.count + count * digitsPerNumber, text.hasPrefix(prefix) else { return nil }
        var numbers: [Int64] = []
        numbers.reserveCapacity(count)
        var digits = text.utf8.dropFirst(prefix.utf8.count).makeIterator()
        for _ in 0..<count {
            var number: UInt64 = 0
            for place in 0..<digitsPerNumber {
                guard let digit = digits.next() else { return nil }
                let value = values[Int(digit)]
                // 13 digits hold 65 bits: the first may not use more than its lowest three of a positive Int64.
                guard value < 32, place > 0 || value < 8 else { return nil }
                number = number << 5 | UInt64(value)
            }
            guard number > 0 else { return nil }
            numbers.append(Int64(number))
        }
        return numbers
    }
}
