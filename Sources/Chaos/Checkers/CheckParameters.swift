/// One entry of an experiment's `expect` list, read with care: every member has to be understood.
public struct CheckParameters {
    private let members: [String: JSONValue]
    private var seen: Set<String> = []
    private let topology: Topology

    /// Takes the members of one check, to be read one by one.
    public init(_ members: [String: JSONValue], topology: Topology) {
        self.members = members
        self.topology = topology
    }

    /// What is wrong with a member, and what would be right.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
        /// Makes the error from a sentence that names the member.
        public init(_ description: String) { self.description = description }
    }

    /// `class: reads` and `scope: group:shard-0`.
    public mutating func selection(default traffic: Selection.Traffic = .all) throws(Failure) -> Selection {
        Selection(try self.traffic() ?? traffic, try area())
    }

    /// Reads a duration such as `300ms`; nil when the member is not there.
    public mutating func duration(_ name: String) throws(Failure) -> Duration? {
        seen.insert(name)
        guard let value = members[name] else { return nil }
        guard let text = value.string, let duration = Duration(text: text) else {
            throw Failure("`\(name)` must be a time such as 300ms or 2s, not \(value.text)")
        }
        return duration
    }

    /// Reads a text; nil when the member is not there.
    public mutating func string(_ name: String) throws(Failure) -> String? {
        seen.insert(name)
        guard let value = members[name] else { return nil }
        guard let text = value.string else { throw Failure("`\(name)` must be a string, not \(value.kind)") }
        return text
    }

    /// The name of a node of the topology.
    public mutating func node(_ name: String) throws(Failure) -> String? {
        guard let node = try string(name) else { return nil }
        let names = topology.nodes.map(\.name)
        guard names.contains(node) else {
            throw Failure("`\(name)`: there is no node \(node); there are \(names.joined(separator: ", "))")
        }
        return node
    }

    /// The name of a Postgres group of the topology.
    public mutating func group(_ name: String) throws(Failure) -> String? {
        guard let group = try string(name) else { return nil }
        return try known(group: group, member: name)
    }

    /// To be called last: refuses members that nothing has read.
    public func finish() throws(Failure) {
        let unknown = members.keys.filter { !seen.contains($0) && !["check", "column"].contains($0) }.sorted()
        if let first = unknown.first {
            let known = seen.sorted().joined(separator: ", ")
            throw Failure("`\(first)` means nothing here; this check takes \(known.isEmpty ? "nothing" : known)")
        }
    }

    private mutating func traffic() throws(Failure) -> Selection.Traffic? {
        guard let text = try string("class") else { return nil }
        guard let traffic = Selection.Traffic(rawValue: text) else {
            let names = Selection.Traffic.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure("`class` must be one of \(names), not \(text)")
        }
        return traffic
    }

    private mutating func area() throws(Failure) -> Selection.Area {
        guard let text = try string("scope"), text != "all" else { return .all }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("group", 2): return .group(try known(group: parts[1], member: "scope"))
        case ("other-than", 2): return .otherThan(try known(group: parts[1], member: "scope"))
        default: throw Failure("`scope` must be all, group:NAME or other-than:NAME, not \(text)")
        }
    }

    private func known(group: String, member: String) throws(Failure) -> String {
        let names = PostgresGroup.all(in: topology).map(\.name)
        guard names.contains(group) else {
            throw Failure(
                "`\(member)`: there is no Postgres group \(group); there are \(names.joined(separator: ", "))")
        }
        return group
    }
}
