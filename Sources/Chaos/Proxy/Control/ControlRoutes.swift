import NIOHTTP1

/// The control API on one screen: Toxiproxy 2's endpoints, then ours.
struct ControlRoutes: Sendable {
    let links: ProxyLinks
    let prober: Prober

    /// In the form that clients of Toxiproxy parse.
    static let version = "2.5.0-seaworthy"

    func answer(_ request: ControlRequest) async -> ControlResponse {
        // As in Toxiproxy: a web page must not reach the control API through its reader's browser.
        guard !request.userAgent.hasPrefix("Mozilla/") else {
            return .failure(ProxyFailure(403, "User agent not allowed"))
        }
        do {
            return try await route(request)
        } catch let failure as ProxyFailure {
            return .failure(failure)
        } catch {
            return .failure(ProxyFailure(500, "\(error)"))
        }
    }

    private func route(_ request: ControlRequest) async throws -> ControlResponse {
        let path = request.path
        switch (path.first, path.count, request.method) {
        case ("version", 1, .GET): return .text(Self.version)
        case ("metrics", 1, .GET): return .text(ControlMetrics.render(links.all))
        case ("counters", 1, .GET): return counters()
        case ("reset", 1, .POST):
            try await links.reset()
            return .empty(204)
        case ("populate", 1, .POST): return await populate(request.body)
        case ("proxies", 1, .GET):
            return .json(.object(links.all.map { GoJSON.Field(name: $0.name, value: $0.status.json) }))
        case ("proxies", 1, .POST): return try await create(request.body)
        case ("proxies", 2, _): return try await proxy(request, path[1])
        case ("proxies", 3, .GET) where path[2] == "probe": return try await probe(request, path[1])
        case ("proxies", 3, _) where path[2] == "toxics": return try await toxics(request, path[1])
        case ("proxies", 4, _) where path[2] == "toxics": return try await toxic(request, path[1], path[3])
        case ("version", 1, _), ("metrics", 1, _), ("counters", 1, _), ("reset", 1, _), ("populate", 1, _),
            ("proxies", 1, _):
            return .empty(405)
        default: return .pageNotFound
        }
    }

    private func create(_ body: String) async throws -> ControlResponse {
        let proxy = try parse(body) { json throws(GoJSON.ParseError) in try ProxyBody(json) }
        guard let name = proxy.name, !name.isEmpty else { throw ProxyFailure.missingField("name") }
        guard let upstream = proxy.upstream, !upstream.isEmpty else { throw ProxyFailure.missingField("upstream") }
        let configuration = LinkConfiguration(name: name, listen: proxy.listen ?? "127.0.0.1:0", upstream: upstream)
        return .json(try await links.create(configuration, enabled: proxy.enabled ?? true).status.json, status: 201)
    }

    private func populate(_ body: String) async -> ControlResponse {
        do {
            let proxies = try parse(body) { json throws(GoJSON.ParseError) in try Self.readList(json) }
            for (index, proxy) in proxies.enumerated() {
                if (proxy.name ?? "").isEmpty { throw ProxyFailure.missingField("name at proxy \(index + 1)") }
                if (proxy.upstream ?? "").isEmpty { throw ProxyFailure.missingField("upstream at proxy \(index + 1)") }
            }
            let created = try await links.populate(proxies)
            return .json(["proxies": .array(created.map(\.json))], status: 201)
        } catch {
            let failure = error as? ProxyFailure ?? ProxyFailure(500, "\(error)")
            return .json(
                [
                    "error": .string(failure.message), "status": .integer(Int64(failure.status)), "proxies": .null,
                ], status: failure.status)
        }
    }

    private func proxy(_ request: ControlRequest, _ name: String) async throws -> ControlResponse {
        switch request.method {
        case .GET: return .json(try links.find(name).status.json)
        case .POST, .PATCH:
            let link = try links.find(name)
            try await links.update(
                link, try parse(request.body) { json throws(GoJSON.ParseError) in try ProxyBody(json) })
            return .json(link.status.json)
        case .DELETE:
            try await links.delete(name)
            return .empty(204)
        default: return .empty(405)
        }
    }

    private func toxics(_ request: ControlRequest, _ name: String) async throws -> ControlResponse {
        switch request.method {
        case .GET: return .json(.array(try links.find(name).status.toxics.map(\.json)))
        case .POST:
            let link = try links.find(name)
            let toxic = try ToxicSpecification.read(request.body)
            try await link.add(toxic)
            return .json(toxic.json)
        default: return .empty(405)
        }
    }

    private func toxic(_ request: ControlRequest, _ name: String, _ toxicName: String) async throws -> ControlResponse {
        guard [.GET, .POST, .PATCH, .DELETE].contains(request.method) else { return .empty(405) }
        let link = try links.find(name)
        guard let toxic = link.status.toxics.first(where: { $0.name == toxicName }) else {
            throw ProxyFailure.toxicNotFound
        }
        switch request.method {
        case .POST, .PATCH:
            let changed = try toxic.updated(request.body)
            try await link.update(changed)
            return .json(changed.json)
        case .DELETE:
            try await link.remove(toxicName)
            return .empty(204)
        default: return .json(toxic.json)
        }
    }

    private func probe(_ request: ControlRequest, _ name: String) async throws -> ControlResponse {
        let link = try links.find(name)
        guard let kind = ProbeProtocol(rawValue: request.query["protocol"] ?? "tcp") else {
            throw ProxyFailure(
                400, "protocol must be one of \(ProbeProtocol.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let timeout = Int64(request.query["timeout"] ?? "1000"), (1...60_000).contains(timeout) else {
            throw ProxyFailure(400, "timeout must be 1 to 60000 milliseconds")
        }
        let result = await prober.probe(link, as: kind, timeout: .milliseconds(timeout))
        return .json([
            "answered": .bool(result.answered),
            "roundTripNanoseconds": result.roundTripNanoseconds.map { .integer($0) } ?? .null,
            "error": result.error.map { .string($0) } ?? .null,
        ])
    }

    private func counters() -> ControlResponse {
        .json(.object(links.all.map { GoJSON.Field(name: $0.name, value: $0.meter.snapshot.json) }))
    }

    private func parse<Value>(
        _ body: String, _ read: (GoJSON) throws(GoJSON.ParseError) -> Value
    ) throws(ProxyFailure) -> Value {
        do {
            return try read(try GoJSONParser.parse(body))
        } catch {
            throw ProxyFailure.badBody(error)
        }
    }

    private static func readList(_ json: GoJSON) throws(GoJSON.ParseError) -> [ProxyBody] {
        guard case .array(let values) = json else {
            throw GoJSON.ParseError(
                message: "json: cannot unmarshal \(json.kind) into Go value of type "
                    + #"[]struct { toxiproxy.Proxy; Enabled *bool "json:\"enabled\"" }"#)
        }
        var bodies: [ProxyBody] = []
        for value in values {
            bodies.append(try ProxyBody(value))
        }
        return bodies
    }
}
