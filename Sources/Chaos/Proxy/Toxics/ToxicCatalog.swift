/// The toxics this proxy knows, by the API's names.
enum ToxicCatalog {
    static let types: [any Toxic.Type] = [
        NoopToxic.self, LatencyToxic.self, StallToxic.self, BandwidthToxic.self, SlowCloseToxic.self, TimeoutToxic.self,
        ResetPeerToxic.self, SlicerToxic.self, LimitDataToxic.self,
    ]

    /// Greatest value of an attribute: a day in milliseconds fits, and sums of two never overflow.
    static let greatestAttribute: Int64 = 1 << 40

    static func type(named name: String) -> (any Toxic.Type)? {
        types.first { $0.type == name }
    }

    /// The toxic that a specification describes; nil for an unknown type.
    static func make(_ specification: ToxicSpecification) -> (any Toxic)? {
        guard let type = type(named: specification.type) else { return nil }
        var values: [String: Int64] = [:]
        for (name, standard) in type.attributes {
            values[name] = min(max(0, specification.attributes[name] ?? standard), greatestAttribute)
        }
        return type.init(attributes: values)
    }
}
