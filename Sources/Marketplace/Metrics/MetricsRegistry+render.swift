import NIOCore

extension MetricsRegistry {
    /// The text format that Prometheus reads, version 0.0.4.
    public func prometheusText() -> String {
        var text = ""
        for family in all {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for (values, metric) in family.all {
                let own = Array(zip(family.labels, values))
                for sample in metric.samples {
                    text += family.name + sample.suffix + Self.labels(own + sample.labels)
                    text += " " + Self.number(sample.value) + "\n"
                }
            }
        }
        return text
    }

    /// The same as one object: by family an array of `{labels, value}`, histograms as their sum and count.
    public func json() -> ByteBuffer {
        var json = JSONWriter(capacity: 16 * 1024)
        json.object { json in
            for family in all {
                json.name(family.name)
                json.array(family.all) { json, series in
                    Self.write(series.metric, labels: Array(zip(family.labels, series.values)), to: &json)
                }
            }
        }
        return json.buffer
    }

    private static func write(_ metric: any Metric, labels: [(String, String)], to json: inout JSONWriter) {
        json.object { json in
            json.name("labels")
            json.object { json in
                for (name, value) in labels { json.member(name, value) }
            }
            for sample in metric.samples where sample.suffix != "_bucket" {
                json.member(sample.suffix.isEmpty ? "value" : String(sample.suffix.dropFirst()), sample.value)
            }
        }
    }

    private static func labels(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { name, value in
            let escaped = value.flatMap { character -> String in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }
            return "\(name)=\"\(String(escaped))\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
}
