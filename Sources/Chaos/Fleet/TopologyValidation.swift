/// What must be true of a topology before anything is started.
extension Topology {
    /// The highest count of nodes; past it something is wrong with the file rather than with the limit.
    static let nodeLimit = 64
    /// Names that the fleet needs for itself.
    static let reservedNames = [controllerName, "proxy", "guardian"]

    /// - Throws: ``FleetError/usage(_:)`` with the first thing that is wrong and what to do.
    public func validate() throws(FleetError) {
        guard version == 1 else { throw .usage("version \(version) is unknown; this release reads version 1") }
        guard Self.isName(name) else { throw .usage("the topology's name `\(name)` \(Self.nameRule)") }
        guard !nodes.isEmpty else { throw .usage("there are no nodes: list at least one under `nodes`") }
        guard nodes.count <= Self.nodeLimit else {
            throw .usage("\(nodes.count) nodes are more than \(Self.nodeLimit)")
        }
        var seen: Set<String> = []
        for node in nodes {
            guard Self.isName(node.name) else { throw .usage("the node name `\(node.name)` \(Self.nameRule)") }
            guard !Self.reservedNames.contains(node.name) else {
                throw .usage("no node may be named `\(node.name)`: the fleet uses that name itself")
            }
            guard seen.insert(node.name).inserted else {
                throw .usage("two nodes are named `\(node.name)`: rename one")
            }
        }
        for node in nodes {
            try validate(node)
            try validateDurability(node)
        }
        for (index, command) in setup.enumerated() {
            guard command.command.first?.isEmpty == false else {
                throw .usage("setup[\(index)] has an empty command: give a program and its arguments")
            }
            try validatePlaceholders(
                Array((command.environment ?? [:]).values) + command.command, of: "setup[\(index)]", connects: nil)
        }
    }

    private func validate(_ node: Node) throws(FleetError) {
        switch node.kind {
        case .postgres, .redis: try validateData(node)
        case .service: try validateService(node)
        }
    }

    private func validateData(_ node: Node) throws(FleetError) {
        let strangers = [
            ("command", node.command != nil), ("connects", node.connects != nil), ("health", node.health != nil),
            ("environment", node.environment != nil),
        ]
        for (key, isSet) in strangers where isSet {
            throw .usage("\(node.name) is a \(node.kind.rawValue) and takes no `\(key)`: only services do")
        }
        guard let primary = node.replicaOf else { return }
        guard node.kind == .postgres else {
            throw .usage("\(node.name): `replicaOf` is for postgres nodes only")
        }
        guard let target = nodes.first(where: { $0.name == primary }) else {
            throw .usage("\(node.name) is a replica of `\(primary)`, and no node has that name")
        }
        guard target.kind == .postgres, target.replicaOf == nil else {
            throw .usage("\(node.name) is a replica of `\(primary)`, which is no Postgres primary: name a primary")
        }
    }

    private func validateDurability(_ node: Node) throws(FleetError) {
        guard let isDurable = node.durable else { return }
        guard node.kind == .postgres, node.replicaOf == nil else {
            throw .usage("\(node.name): `durable` belongs to the primary of a Postgres group")
        }
        guard !isDurable || !siblings(of: node).isEmpty else {
            throw .usage("\(node.name) is durable and has no replica to be so: give it one with `replicaOf`")
        }
    }

    private func validateService(_ node: Node) throws(FleetError) {
        guard node.command?.first?.isEmpty == false else {
            throw .usage("the service \(node.name) has no `command`: give a program and its arguments")
        }
        guard node.replicaOf == nil, node.settings == nil else {
            throw .usage("the service \(node.name) takes neither `replicaOf` nor `settings`")
        }
        if let health = node.health, !health.hasPrefix("/") {
            throw .usage("\(node.name): health must be a path that begins with /, not `\(health)`")
        }
        var seen: Set<String> = []
        for name in node.connects ?? [] {
            guard let target = nodes.first(where: { $0.name == name }) else {
                throw .usage("\(node.name) connects to `\(name)`, and no node has that name")
            }
            guard target.kind != .service else {
                throw .usage(
                    "\(node.name) connects to the service `\(name)`; links lead to Postgres and Redis nodes only")
            }
            guard seen.insert(name).inserted else { throw .usage("\(node.name) connects to `\(name)` twice") }
        }
        let texts = (node.command ?? []) + Array(environment.merging(node.environment ?? [:]) { $1 }.values)
        try validatePlaceholders(texts, of: node.name, connects: node.connects ?? [])
    }

    /// - Parameter connects: what a service may link to; nil: a set-up command, which may link to every data node.
    private func validatePlaceholders(_ texts: [String], of owner: String, connects: [String]?) throws(FleetError) {
        let data = nodes.filter { $0.kind != .service }.map(\.name)
        for text in texts {
            let names: [String]
            do { names = try Placeholders.names(in: text) } catch { throw .usage("\(owner): \(error)") }
            for name in names {
                if name == "name" || (name == "port" && connects != nil) { continue }
                guard name.hasPrefix("link:") else {
                    throw .usage(
                        "\(owner): {{\(name)}} means nothing here; "
                            + "use {{link:NODE}}, {{name}}, or in a service {{port}}"
                    )
                }
                let target = String(name.dropFirst(5))
                guard data.contains(target) else {
                    throw .usage(
                        "\(owner): {{\(name)}} names no Postgres or Redis node; "
                            + "there are \(data.joined(separator: ", "))"
                    )
                }
                if let connects, !connects.contains(target) {
                    throw .usage("\(owner) uses {{\(name)}} without connecting to it: add \(target) to its `connects`")
                }
            }
        }
    }

    static let nameRule =
        "must be fit for DNS: lower-case letters, digits and inner hyphens, 40 characters at most, "
        + "beginning with a letter"

    static func isName(_ text: String, limit: Int = 40) -> Bool {
        guard let first = text.first, first.isASCII, first.isLowercase, text.last != "-", text.count <= limit else {
            return false
        }
        return text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
    }
}
