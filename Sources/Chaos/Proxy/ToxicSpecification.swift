/// A toxic as the control API names it: which kind, on which stream, how often, with which attributes.
///
/// Names and defaults are Toxiproxy's (https://github.com/Shopify/toxiproxy, README, "Toxics").
public struct ToxicSpecification: Sendable, Equatable {
    /// Unique within its link. The default is `TYPE_STREAM`, for example `latency_downstream`.
    public var name: String
    /// `latency`, `stall` and the others of ``ToxicCatalog``.
    public var type: String
    /// The direction that it bends.
    public var stream: ToxicStream
    /// The share of connections that the toxic acts on, 0 to 1.
    public var toxicity: Double
    /// Numbers by name: `latency` and `jitter` in milliseconds. What is left out has the toxic's default.
    public var attributes: [String: Int64]

    /// Makes a specification; attributes that are left out have the API's defaults.
    public init(
        _ type: String, name: String? = nil, stream: ToxicStream = .downstream, toxicity: Double = 1,
        attributes: [String: Int64] = [:]
    ) {
        self.name = name ?? "\(type)_\(stream.rawValue)"
        self.type = type
        self.stream = stream
        self.toxicity = toxicity
        self.attributes = attributes
    }

    /// Delays every byte by `latency` ± a uniform draw of up to `jitter`, both kept in whole milliseconds.
    public static func latency(
        _ latency: Duration, jitter: Duration = .zero, stream: ToxicStream = .downstream, name: String? = nil
    ) -> ToxicSpecification {
        ToxicSpecification(
            "latency", name: name, stream: stream,
            attributes: ["latency": latency.wholeMilliseconds, "jitter": jitter.wholeMilliseconds])
    }

    /// Holds every byte, in order, until the toxic is removed: one direction of a partition.
    public static func stall(stream: ToxicStream, name: String? = nil) -> ToxicSpecification {
        ToxicSpecification("stall", name: name, stream: stream)
    }
}

/// A direction of a link. Downstream is from the server back to the client, and the API's default.
public enum ToxicStream: String, Sendable, Codable, CaseIterable {
    case upstream, downstream
}

extension Duration {
    /// Cut to whole milliseconds.
    var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
