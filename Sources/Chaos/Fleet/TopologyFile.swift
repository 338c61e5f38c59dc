import Foundation
import SystemPackage
import Yams

/// Reads a topology from YAML or JSON (which is YAML too).
extension Topology {
    /// - Throws: ``FleetError/usage(_:)`` that says which file, which line and what to change.
    public init(file: FilePath) throws(FleetError) {
        guard let data = FileManager.default.contents(atPath: file.string) else {
            throw .usage("cannot read the topology \(file): no such file, or not readable; give one with --topology")
        }
        try self.init(text: String(decoding: data, as: UTF8.self), source: file.string)
    }

    /// - Parameter source: what errors call the text.
    public init(text: String, source: String) throws(FleetError) {
        do {
            guard let root = try Yams.compose(yaml: text) else {
                throw FleetError.usage("\(source) is empty: a topology has at least version, name and nodes")
            }
            try TopologyKeys.check(root, source: source)
            self = try YAMLDecoder().decode(Topology.self, from: text)
        } catch let error as FleetError {
            throw error
        } catch let error as DecodingError {
            throw .usage("\(source): \(Self.explain(error))")
        } catch {
            throw .usage("\(source) is neither YAML nor JSON: \(error)")
        }
        do {
            try validate()
        } catch {
            throw .usage("\(source): \(error)")
        }
    }

    /// The bundled one with this name, `standard` for example.
    public static func bundled(_ name: String) throws(FleetError) -> Topology {
        let file = "Fixtures/topologies/\(name).yaml"
        guard let path = BundledFiles.find(file) else {
            throw .usage("cannot find \(file) above the working directory or the program: give a file with --topology")
        }
        return try Topology(file: path)
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(place(context.codingPath)) lacks `\(key.stringValue)`: add it"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(place(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty
            ? "the topology" : path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
}

/// The keys that each part of a topology may have. A misspelt one would otherwise be passed over in silence.
private enum TopologyKeys {
    static let top = ["version", "name", "nodes", "setup", "environment", "durable"]
    static let node = [
        "name", "kind", "replicaOf", "durable", "settings", "command", "environment", "connects", "health",
    ]
    static let setup = ["command", "environment"]

    static func check(_ root: Yams.Node, source: String) throws(FleetError) {
        try check(root, allowed: top, what: "a topology", source: source)
        for item in root["nodes"]?.sequence.map(Array.init) ?? [] {
            try check(item, allowed: node, what: "a node", source: source)
        }
        for item in root["setup"]?.sequence.map(Array.init) ?? [] {
            try check(item, allowed: setup, what: "a set-up command", source: source)
        }
    }

    private static func check(
        _ item: Yams.Node, allowed: [String], what: String, source: String
    ) throws(FleetError) {
        guard let mapping = item.mapping else {
            throw .usage("\(source)\(line(item)): \(what) must be a mapping with \(allowed.joined(separator: ", "))")
        }
        for key in mapping.keys where !allowed.contains(key.string ?? "") {
            throw .usage(
                "\(source)\(line(key)): \(what) has no `\(key.string ?? "?")`; "
                    + "it may have \(allowed.joined(separator: ", "))"
            )
        }
    }

    private static func line(_ node: Yams.Node) -> String { node.mark.map { ":\($0.line)" } ?? "" }
}
