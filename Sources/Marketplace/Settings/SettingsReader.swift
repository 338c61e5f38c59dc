import Configuration

/// Reads settings from several sources, the first that has one wins, and remembers each with its default, unit and
/// source: reading a setting is what lists it.
struct SettingsReader {
    /// One setting as it is listed.
    struct Line: Sendable, Hashable {
        let name: String
        let value: String
        let defaultValue: String
        let unit: String
        let source: String
        let purpose: String
    }

    /// A place that settings come from.
    struct Source {
        let label: String
        let config: ConfigReader
    }

    private let sources: [Source]
    private(set) var lines: [Line] = []
    /// What cannot be used, a sentence each.
    private(set) var complaints: [String] = []

    init(sources: [Source]) {
        self.sources = sources
    }

    mutating func integer(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>, unit: String, _ purpose: String
    ) -> Int {
        let found = find(name) { $0.int(forKey: $1) }
        let value = found?.value ?? fallback
        if !range.contains(value) {
            complaints.append("\(name) is \(value): use \(range.lowerBound) to \(range.upperBound) (\(unit)).")
        }
        list(name, "\(value)", "\(fallback)", unit, found?.source, purpose)
        return value
    }

    mutating func duration(
        _ name: String, default milliseconds: Int, in range: ClosedRange<Int> = 1...600_000, _ purpose: String
    ) -> Duration {
        .milliseconds(integer(name, default: milliseconds, in: range, unit: "ms", purpose))
    }

    mutating func fraction(_ name: String, default fallback: Double, _ purpose: String) -> Double {
        let found = find(name) { $0.double(forKey: $1) }
        let value = found?.value ?? fallback
        if !(0...1).contains(value) { complaints.append("\(name) is \(value): use a share from 0 to 1.") }
        list(name, "\(value)", "\(fallback)", "share", found?.source, purpose)
        return value
    }

    mutating func flag(_ name: String, default fallback: Bool, _ purpose: String) -> Bool {
        let found = find(name) { $0.bool(forKey: $1) }
        list(name, "\(found?.value ?? fallback)", "\(fallback)", "true|false", found?.source, purpose)
        return found?.value ?? fallback
    }

    mutating func text(_ name: String, default fallback: String, unit: String = "text", _ purpose: String) -> String {
        let found = find(name) { $0.string(forKey: $1) }
        list(name, found?.value ?? fallback, fallback, unit, found?.source, purpose)
        return found?.value ?? fallback
    }

    /// A value that is never shown.
    mutating func secret(_ name: String, _ purpose: String) -> String? {
        let found = find(name) { $0.string(forKey: $1, isSecret: true) }
        list(name, found == nil ? "" : "(hidden)", "", "secret", found?.source, purpose)
        return found?.value
    }

    mutating func complain(_ sentence: String) {
        complaints.append(sentence)
    }

    private mutating func find<Value>(
        _ name: String, _ read: (ConfigReader, ConfigKey) -> Value?
    ) -> (value: Value, source: String)? {
        // NAME_LIKE_THIS is the key name.like.this: nested in a file, joined and upper-cased in the environment.
        let key = ConfigKey(name.lowercased().split(separator: "_").map(String.init))
        for source in sources {
            if let value = read(source.config, key) { return (value, source.label) }
            if let text = source.config.string(forKey: key) {
                complaints.append("\(name) is '\(text.prefix(80))' (\(source.label)), which cannot be read.")
            }
        }
        return nil
    }

    private mutating func list(
        _ name: String, _ value: String, _ fallback: String, _ unit: String, _ source: String?, _ purpose: String
    ) {
        lines.append(
            Line(
                name: name, value: value, defaultValue: fallback, unit: unit, source: source ?? "default",
                purpose: purpose))
    }
}
