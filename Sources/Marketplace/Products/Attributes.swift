import NIOCore

/// What varies from one kind of thing to another, as a client says it: up to 32 names, each with a text, a number, or
/// true or false. `{"colour": "blue", "capacityLitres": 0.3, "dishwasherSafe": true}`
public struct Attributes: Decodable, Sendable, Hashable {
    /// One value.
    public enum Value: Decodable, Sendable, Hashable {
        case text(String)
        case whole(Int64)
        case number(Double)
        case truth(Bool)

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let truth = try? container.decode(Bool.self) {
                self = .truth(truth)
            } else if let whole = try? container.decode(Int64.self) {
                self = .whole(whole)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                throw DecodingError.typeMismatch(
                    Value.self,
                    DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "neither text nor number"))
            }
        }
    }

    /// By their names.
    public let values: [String: Value]

    /// Makes attributes.
    public init(_ values: [String: Value] = [:]) {
        self.values = values
    }

    public init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String: Value].self)
    }

    static let maximumCount = 32
    static let maximumNameLength = 64
    static let maximumTextLength = 256
    /// Of numbers, apart from 0: a database keeps every digit, and more than these means nothing here.
    static let magnitudes = 1e-9...1e15
    /// As JSON; the database keeps twice as much, for it writes more blanks.
    static let maximumBytes = 8192

    /// As JSON, in the order of the names.
    var json: String {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                switch value {
                case .text(let text): json.member(name, text)
                case .whole(let number): json.member(name, number)
                case .number(let number): json.member(name, number)
                case .truth(let truth): json.member(name, truth)
                }
            }
        }
        return String(buffer: json.buffer)
    }

    /// What is wrong with them; empty when nothing is.
    /// - Parameter pointer: where they stand in the body.
    func faults(pointer: String) -> [Problem.Detail] {
        guard values.count <= Self.maximumCount else {
            return [Problem.Detail(pointer: pointer, message: "may name at most \(Self.maximumCount) attributes")]
        }
        var faults: [Problem.Detail] = []
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            let place = pointer + "/" + Self.escaped(name)
            if !(1...Self.maximumNameLength).contains(name.unicodeScalars.count) || !Validation.isPrintable(name) {
                faults.append(
                    Problem.Detail(
                        pointer: place, message: "has to have 1 to \(Self.maximumNameLength) printable characters"))
            }
            if let message = Self.fault(of: value) { faults.append(Problem.Detail(pointer: place, message: message)) }
        }
        if faults.isEmpty, json.utf8.count > Self.maximumBytes {
            faults.append(
                Problem.Detail(pointer: pointer, message: "may take at most \(Self.maximumBytes) bytes as JSON"))
        }
        return faults
    }

    private static func fault(of value: Value) -> String? {
        switch value {
        case .text(let text)
        where text.unicodeScalars.count > maximumTextLength || !Validation.isPrintable(text):
            "has to be at most \(maximumTextLength) printable characters"
        case .number(let number) where number != 0 && !magnitudes.contains(number.magnitude):
            "has to be 0, or between \(magnitudes.lowerBound) and \(magnitudes.upperBound), or as much below 0"
        default: nil
        }
    }

    /// A name as a part of a JSON pointer (RFC 6901, section 3).
    private static func escaped(_ name: String) -> String {
        var escaped = ""
        for character in name.prefix(80) {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
