/// How reads use the replicas.
public struct ReplicaSettings: Sendable, Hashable {
    /// How the replica of a read is chosen.
    public var selection = ReplicaSet.Selection.roundRobin
    /// A replica whose data is older leaves rotation while the primary answers. Not much less than a second: an age is
    /// only known to about two pings.
    public var staleBound = Duration.seconds(2)

    /// The defaults.
    public init() {}

    init(_ reader: inout SettingsReader) {
        let name = reader.text(
            "READ_SELECTION", default: selection.rawValue, unit: "name",
            ReplicaSet.Selection.allCases.map(\.rawValue).joined(separator: ", "))
        if let known = ReplicaSet.Selection(rawValue: name) {
            selection = known
        } else {
            reader.complain(
                "READ_SELECTION is '\(name.prefix(40))': use "
                    + ReplicaSet.Selection.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        staleBound = reader.duration(
            "STALE_BOUND_MS", default: 2000, in: 1000...600_000, "a replica with older data leaves rotation")
    }
}
