import Foundation
import SystemPackage
import Yams

/// A place in a YAML or JSON file while it is being read: its value, and where it stands. Everything wrong with the
/// file is gathered, so that one look shows all of it.
struct Document {
    let value: JSONValue
    /// Where the value stands, as a JSON pointer (RFC 6901); empty for the whole file.
    let pointer: String
    private let source: Source

    private final class Source {
        let path: String
        let lines: [String: Int]
        var problems: [DocumentProblem] = []

        init(path: String, lines: [String: Int]) {
            self.path = path
            self.lines = lines
        }
    }

    /// Larger files are refused.
    static let maximumBytes = 1 << 20

    /// - Throws: ``DocumentProblem`` when the file cannot be read or is neither YAML nor JSON.
    init(contentsOf path: FilePath) throws(DocumentProblem) {
        func problem(_ message: String) -> DocumentProblem {
            DocumentProblem(path: path.string, line: nil, pointer: "", message: message)
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path.string))
        } catch {
            throw problem("cannot be read; check the path and its permissions")
        }
        guard data.count <= Self.maximumBytes else { throw problem("is larger than \(Self.maximumBytes) bytes") }
        try self.init(text: String(decoding: data, as: UTF8.self), path: path.string)
    }

    init(text: String, path: String) throws(DocumentProblem) {
        var lines: [String: Int] = [:]
        if path.hasSuffix(".json") {
            do {
                value = try JSONParser.parse(text.utf8)
            } catch {
                throw DocumentProblem(path: path, line: nil, pointer: "", message: "\(error)")
            }
        } else {
            do {
                guard let node = try Yams.compose(yaml: text) else {
                    throw DocumentProblem(path: path, line: nil, pointer: "", message: "is empty")
                }
                value = Self.json(node, pointer: "", lines: &lines, depth: 0)
            } catch let error as DocumentProblem {
                throw error
            } catch {
                throw DocumentProblem(path: path, line: nil, pointer: "", message: "is not valid YAML: \(error)")
            }
        }
        pointer = ""
        source = Source(path: path, lines: lines)
    }

    private init(_ value: JSONValue, pointer: String, source: Source) {
        self.value = value
        self.pointer = pointer
        self.source = source
    }

    var path: String { source.path }
    var problems: [DocumentProblem] { source.problems }

    /// Notes something wrong at this place.
    func problem(_ message: String) {
        source.problems.append(DocumentProblem(path: path, line: line, pointer: pointer, message: message))
    }

    private var line: Int? {
        var pointer = pointer[...]
        while true {
            if let line = source.lines[String(pointer)] { return line }
            guard let slash = pointer.lastIndex(of: "/") else { return nil }
            pointer = pointer[..<slash]
        }
    }

    // MARK: Going down

    func child(_ value: JSONValue, _ name: String) -> Document {
        Document(value, pointer: "\(pointer)/\(name)", source: source)
    }

    /// A member that may be left out; null counts as left out.
    func optional(_ name: String) -> Document? {
        guard let member = value[name], member != .null else { return nil }
        return child(member, name)
    }

    /// A member that has to be there.
    func required(_ name: String) -> Document? {
        if let member = optional(name) { return member }
        problem("`\(name)` is missing")
        return nil
    }

    /// Notes every member that is not one of these.
    func allow(_ names: [String]) {
        guard let members = value.object else {
            problem("must be a mapping, not \(value.kind)")
            return
        }
        for name in members.keys.sorted() where !names.contains(name) {
            child(members[name] ?? .null, name)
                .problem("`\(name)` is not known here; known are \(names.joined(separator: ", "))")
        }
    }

    // MARK: Reading

    var elements: [Document] {
        guard let elements = value.array else {
            problem("must be a list, not \(value.kind)")
            return []
        }
        return elements.enumerated().map { child($1, "\($0)") }
    }

    var string: String? {
        if let string = value.string { return string }
        problem("must be a string, not \(value.kind)")
        return nil
    }

    /// Yes or no.
    var bool: Bool? {
        if let bool = value.bool { return bool }
        problem("must be true or false, not \(value.text)")
        return nil
    }

    /// A number within these bounds.
    func number(_ bounds: ClosedRange<Double>) -> Double? {
        if let number = value.double, bounds.contains(number) { return number }
        problem("must be a number from \(bounds.lowerBound) to \(bounds.upperBound), not \(value.text)")
        return nil
    }

    /// `300ms`, `8s`; a bare number counts seconds, as in the Chaos Toolkit.
    var duration: Duration? {
        if let text = value.string, let duration = Duration(text: text) { return duration }
        if let seconds = value.double, (0...86_400).contains(seconds) { return .nanoseconds(Int64(seconds * 1e9)) }
        problem("must be a time such as 300ms or 8s, not \(value.text)")
        return nil
    }

    private static func json(
        _ node: Node, pointer: String, lines: inout [String: Int], depth: Int
    ) -> JSONValue {
        if let mark = node.mark { lines[pointer] = mark.line }
        guard depth < JSONParser.maximumDepth else { return .null }
        switch node {
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, value) in mapping {
                let name = key.string ?? "?"
                members[name] = json(value, pointer: "\(pointer)/\(name)", lines: &lines, depth: depth + 1)
                if let mark = key.mark { lines["\(pointer)/\(name)"] = mark.line }
            }
            return .object(members)
        case .sequence(let sequence):
            return .array(
                sequence.enumerated().map {
                    json($1, pointer: "\(pointer)/\($0)", lines: &lines, depth: depth + 1)
                })
        case .scalar(let scalar):
            guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
            if node.null != nil { return .null }
            if let value = node.bool { return .bool(value) }
            if let value = Int64(scalar.string) { return .int(value) }
            if let value = Double(scalar.string), value.isFinite { return .double(value) }
            return .string(scalar.string)
        case .alias: return .null
        }
    }
}

/// One thing wrong with a file, and where.
public struct DocumentProblem: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// Counted from 1; nil where the format does not tell.
    public var line: Int?
    /// JSON pointer of the value that is meant.
    public var pointer: String
    /// What is wrong there, and what would be right.
    public var message: String

    public var description: String {
        let place = line.map { "\(path):\($0)" } ?? path
        return pointer.isEmpty ? "\(place): \(message)" : "\(place): \(pointer) \(message)"
    }
}
