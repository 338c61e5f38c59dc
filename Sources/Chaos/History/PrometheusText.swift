/// Reads the Prometheus text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
public enum PrometheusText {
    /// More series than this are cut off.
    public static let maximumSeries = 10_000

    /// Values by series, `name{label="value"}`, as printed. Lines that are not samples are passed over.
    /// - Parameter prefixes: only series that begin with one of these are kept.
    public static func parse(_ text: some StringProtocol, prefixes: [String]) -> [String: Double] {
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where prefixes.contains(where: { line.hasPrefix($0) }) {
            let nameEnd = line.lastIndex(of: "}").map { line.index(after: $0) } ?? line.firstIndex(of: " ")
            guard let nameEnd, values.count < maximumSeries else { continue }
            let value = line[nameEnd...].split(separator: " ").first.flatMap { Double($0) }
            if let value { values[String(line[..<nameEnd])] = value }
        }
        return values
    }
}

/// A series' name and labels.
public struct PrometheusSeries: Sendable, Equatable {
    public var name: String
    /// By name.
    public var labels: [String: String]

    /// Reads `name{a="b",c="d"}`. Escapes in label values are not undone: the names of nodes and outcomes have none.
    public init(_ text: String) {
        guard let open = text.firstIndex(of: "{"), text.last == "}" else {
            name = text
            labels = [:]
            return
        }
        name = String(text[..<open])
        labels = [:]
        let list = text[text.index(after: open)...].dropLast()
        for pair in list.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            labels[String(parts[0])] = String(parts[1].drop { $0 == "\"" }.prefix { $0 != "\"" })
        }
    }
}
