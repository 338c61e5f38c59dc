/// What the control API reads and writes, in Toxiproxy's words and order.
extension ToxicSpecification {
    var json: GoJSON {
        let known = ToxicCatalog.type(named: type)?.attributes.map { name, standard in
            GoJSON.Field(name: name, value: .integer(attributes[name] ?? standard))
        }
        return [
            "attributes": .object(known ?? []), "name": .string(name), "type": .string(type),
            "stream": .string(stream.rawValue), "toxicity": .number(toxicity),
        ]
    }

    /// A toxic to add. Checks in Toxiproxy's order: body, stream, type, then the attributes by type.
    static func read(_ body: String) throws -> ToxicSpecification {
        do {
            let json = try GoJSONParser.parse(body)
            try json.requireObject("toxics.ToxicWrapper")
            let type = try json.string("type", of: "ToxicWrapper") ?? ""
            let name = try json.string("name", of: "ToxicWrapper") ?? ""
            let streamName = try json.string("stream", of: "ToxicWrapper") ?? ToxicStream.downstream.rawValue
            let toxicity = try json.double("toxicity", of: "ToxicWrapper") ?? 1
            guard let stream = ToxicStream(rawValue: streamName) else { throw ProxyFailure.invalidStream }
            guard ToxicCatalog.type(named: type) != nil else { throw ProxyFailure.invalidToxicType }
            var toxic = ToxicSpecification(
                type, name: name.isEmpty ? nil : name, stream: stream, toxicity: toxicity)
            try toxic.readAttributes(json)
            return toxic
        } catch let error as GoJSON.ParseError {
            throw ProxyFailure.badBody(error)
        }
    }

    /// This toxic with what the body changes of it: toxicity and attributes, nothing else.
    func updated(_ body: String) throws(ProxyFailure) -> ToxicSpecification {
        do {
            return try updated(GoJSONParser.parse(body))
        } catch {
            throw ProxyFailure.badBody(error)
        }
    }

    private func updated(_ json: GoJSON) throws(GoJSON.ParseError) -> ToxicSpecification {
        try json.requireObject("struct { Attributes interface {}; Toxicity float32 }")
        var toxic = self
        toxic.toxicity = try json.double("toxicity", of: "") ?? toxicity
        try toxic.readAttributes(json)
        return toxic
    }

    private mutating func readAttributes(_ json: GoJSON) throws(GoJSON.ParseError) {
        guard let given = json["attributes"], let known = ToxicCatalog.type(named: type) else { return }
        let goName = type.split(separator: "_").map(\.capitalized).joined() + "Toxic"
        try given.requireObject("toxics.\(goName)")
        for (name, _) in known.attributes {
            if let value = try given.integer(name, of: "\(goName).attributes") { attributes[name] = value }
        }
    }
}

extension LinkStatus {
    var json: GoJSON {
        [
            "name": .string(name), "listen": .string(listen), "upstream": .string(upstream), "enabled": .bool(enabled),
            "toxics": .array(toxics.map(\.json)),
        ]
    }
}

/// A proxy to create, or the fields of one to change.
struct ProxyBody {
    var name: String?
    var listen: String?
    var upstream: String?
    var enabled: Bool?

    init(_ json: GoJSON) throws(GoJSON.ParseError) {
        try json.requireObject("toxiproxy.Proxy")
        name = try json.string("name", of: "Proxy")
        listen = try json.string("listen", of: "Proxy")
        upstream = try json.string("upstream", of: "Proxy")
        enabled = try json.bool("enabled", of: "Proxy")
    }
}

extension GoJSON: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, GoJSON)...) {
        self = .object(elements.map { Field(name: $0.0, value: $0.1) })
    }
}

extension StringProtocol {
    /// `reset` to `Reset`.
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
