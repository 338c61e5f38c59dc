import NIOCore

/// A value that writes itself as JSON.
public protocol JSONWritable: Sendable {
    func write(to json: inout JSONWriter)
}

/// Writes JSON (RFC 8259) straight into a buffer: answers are rendered on every read, and going through Codable costs
/// more than the query.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var buffer: ByteBuffer
    private var needsComma = false

    /// Makes an empty writer.
    public init(capacity: Int = 512) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// Writes one value on its own.
    public static func buffer(_ value: some JSONWritable) -> ByteBuffer {
        var json = JSONWriter()
        value.write(to: &json)
        return json.buffer
    }

    // MARK: Structure

    /// Writes an object with its members.
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    /// Writes an array, each element by a function.
    public mutating func array<Elements: Sequence>(
        _ elements: Elements, _ each: (inout JSONWriter, Elements.Element) -> Void
    ) {
        open(UInt8(ascii: "["))
        for element in elements { each(&self, element) }
        close(UInt8(ascii: "]"))
    }

    /// Writes an array of values.
    public mutating func array(_ elements: some Sequence<some JSONWritable>) {
        array(elements) { $1.write(to: &$0) }
    }

    /// Writes an array of texts.
    public mutating func array(_ elements: some Sequence<String>) {
        array(elements) { $0.string($1) }
    }

    /// The name of the member whose value is written next.
    public mutating func name(_ name: String) {
        string(name)
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Members

    /// Writes a member with a text.
    public mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    /// Writes a member with a whole number.
    public mutating func member(_ name: String, _ value: some BinaryInteger) {
        self.name(name)
        number(value)
    }

    /// Writes a member with true or false.
    public mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        raw(value ? "true" : "false")
    }

    /// Writes a member with a number; null when it is not finite.
    public mutating func member(_ name: String, _ value: Double) {
        self.name(name)
        number(value)
    }

    /// Writes a member with a text or null.
    public mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { raw("null") }
    }

    /// Writes a member with a value.
    public mutating func member(_ name: String, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }

    // MARK: Values

    /// Writes a text in quotes, escaped (RFC 8259, section 7).
    public mutating func string(_ value: String) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { bytes in
            var plainFrom = 0
            for (index, byte) in bytes.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                buffer.writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainFrom..<index]))
                escape(byte)
                plainFrom = index + 1
            }
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainFrom...]))
        }
        buffer.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes a whole number.
    public mutating func number(_ value: some BinaryInteger) {
        raw(String(value))
    }

    /// JSON has no infinities and no NaN: they are written as null.
    public mutating func number(_ value: Double) {
        raw(value.isFinite ? "\(value)" : "null")
    }

    /// Text that is JSON already.
    public mutating func raw(_ json: String) {
        separate()
        buffer.writeString(json)
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        buffer.writeInteger(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: buffer.writeStaticString("\\\"")
        case 0x5C: buffer.writeStaticString("\\\\")
        case 0x0A: buffer.writeStaticString("\\n")
        case 0x0D: buffer.writeStaticString("\\r")
        case 0x09: buffer.writeStaticString("\\t")
        default:
            let digits = String(byte, radix: 16)
            buffer.writeString("\\u00" + (digits.count < 2 ? "0" : "") + digits)
        }
    }
}
