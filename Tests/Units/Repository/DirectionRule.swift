/// Dependencies point one way, and the two halves meet only over the network (docs/ARCHITECTURE.md).
enum DirectionRule {
    /// What each module may know of the others.
    static let allowed: [String: Set<String>] = [
        "CSystemShims": [],
        "Postgres": ["CLibPQ", "CSystemShims"],
        "Redis": ["CHiredis"],
        "Resilience": [],
        "Marketplace": ["Postgres", "Redis", "Resilience"],
        "MarketplaceCommand": ["Marketplace", "Postgres", "Redis", "Resilience"],
        "Generators": [],
        "Chaos": ["CSystemShims", "Generators"],
        "ChaosTesting": ["Chaos"],
        "ChaosCommand": ["Chaos", "CSystemShims", "Generators"],
    ]

    static let modules = Set(allowed.keys).union(["CLibPQ", "CHiredis"])

    static func breaches(in file: SourceFile) -> [Breach] {
        guard let module = file.module else { return [] }
        guard let mayImport = allowed[module] else {
            return [Breach(path: file.path, line: 1, what: "no rule says what \(module) may import: add it here")]
        }
        return imports(of: file).compactMap { line, name in
            // ChaosTesting is what tests of others import beside Chaos.
            if name == "XCTest" || (name == "Testing" && module != "ChaosTesting") {
                return Breach(path: file.path, line: line, what: "a source imports \(name)")
            }
            guard modules.contains(name), !mayImport.contains(name) else { return nil }
            return Breach(path: file.path, line: line, what: "\(module) must not know \(name)")
        }
    }

    /// The manifest may not allow what the rule forbids.
    static func breaches(inManifest manifest: SourceFile) -> [Breach] {
        var module: String?
        var breaches: [Breach] = []
        for (index, line) in manifest.lines.enumerated() {
            if line.contains("arget(") || line.contains("systemLibrary(") { module = nil }
            if let match = line.firstMatch(of: #/name: "(\w+)"/#), module == nil, !line.contains(".product(") {
                module = String(match.1)
            }
            guard let module, let mayImport = allowed[module] else { continue }
            for match in line.matches(of: #/"(\w+)"/#) {
                let name = String(match.1)
                if name != module, modules.contains(name), !mayImport.contains(name) {
                    breaches.append(
                        Breach(path: manifest.path, line: index + 1, what: "\(module) must not depend on \(name)"))
                }
            }
        }
        return breaches
    }

    private static func imports(of file: SourceFile) -> [(line: Int, name: String)] {
        let words = ["public", "package", "internal", "fileprivate", "private"]
        let kinds = ["struct", "class", "enum", "func", "protocol", "typealias", "let", "var"]
        return file.code.enumerated().compactMap { index, line in
            var parts = line.split { !($0.isLetter || $0.isNumber || "_@".contains($0)) }.map(String.init)[...]
            parts = parts.drop { $0.hasPrefix("@") || words.contains($0) || $0 == "exported" }
            guard parts.first == "import" else { return nil }
            return parts.dropFirst().drop { kinds.contains($0) }.first.map { (index + 1, $0) }
        }
    }
}
