/// Which results of a probe are well, in the forms of the Chaos Toolkit's specification.
public indirect enum Tolerance: Sendable, Equatable {
    /// The status (HTTP), the exit code (process), or one value.
    case equals(JSONValue)
    /// Any of these.
    case oneOf([JSONValue])
    /// A number within bounds, both included.
    case range(ClosedRange<Double>, target: String)
    /// A text that matches.
    case regex(String, target: String)
    /// The value at a path within a JSON body, `$.breakers['shard-0-primary']`, being within a tolerance.
    case jsonPath([JSONPathStep], expected: [JSONValue])

    /// What a probe saw.
    public struct Result: Sendable, Equatable {
        /// Status or exit code.
        public var code: Int64
        /// Body or standard output.
        public var body: String
    }

    /// Whether a probe's result is within it.
    public func accepts(_ result: Result) -> Bool {
        switch self {
        case .equals(let value): Self.matches(value, result)
        case .oneOf(let values): values.contains { Self.matches($0, result) }
        case .range(let bounds, let target): Self.number(result, target).map(bounds.contains) ?? false
        case .regex(let pattern, let target):
            (try? Regex(pattern)).map { Self.text(result, target).contains($0) } ?? false
        case .jsonPath(let steps, let expected):
            JSONPathStep.value(at: steps, in: (try? JSONParser.parse(result.body.utf8)) ?? .null)
                .map { found in expected.isEmpty ? true : expected.contains(found) } ?? false
        }
    }

    private static func matches(_ value: JSONValue, _ result: Result) -> Bool {
        switch value {
        case .int(let code): result.code == code
        case .bool(let isWell): ((200..<400).contains(result.code) || result.code == 0) == isWell
        case .string(let text): result.body.contains(text)
        default: (try? JSONParser.parse(result.body.utf8)) == value
        }
    }

    private static func text(_ result: Result, _ target: String) -> String {
        target == "status" ? "\(result.code)" : result.body
    }

    private static func number(_ result: Result, _ target: String) -> Double? {
        target == "status" ? Double(result.code) : Double(result.body.filter { !$0.isWhitespace })
    }
}

/// One step of the simple JSON paths that tolerances use: member and index, no filters.
public enum JSONPathStep: Sendable, Equatable {
    case member(String)
    case index(Int)

    /// Reads `$.a['b-c'].d[0]`; nil for anything more.
    static func parse(_ path: String) -> [JSONPathStep]? {
        guard path.hasPrefix("$") else { return nil }
        var steps: [JSONPathStep] = []
        var rest = path.dropFirst()
        while let first = rest.first {
            if first == "." {
                let name = rest.dropFirst().prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { return nil }
                steps.append(.member(String(name)))
                rest = rest.dropFirst(1 + name.count)
            } else {
                guard first == "[", let end = rest.firstIndex(of: "]") else { return nil }
                let inner = rest[rest.index(after: rest.startIndex)..<end]
                if let index = Int(inner) {
                    steps.append(.index(index))
                } else {
                    guard inner.count > 2, let quote = inner.first, quote == "'" || quote == "\"", inner.last == quote
                    else { return nil }
                    steps.append(.member(String(inner.dropFirst().dropLast())))
                }
                rest = rest[rest.index(after: end)...]
            }
        }
        return steps
    }

    static func value(at steps: [JSONPathStep], in root: JSONValue) -> JSONValue? {
        steps.reduce(Optional(root)) { value, step in
            switch step {
            case .member(let name): value?[name]
            case .index(let index): value?[index]
            }
        }
    }
}
