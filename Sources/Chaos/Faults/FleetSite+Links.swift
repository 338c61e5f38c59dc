/// What the faults on links share: putting toxics on, taking them off, and seeing what passes.
extension FleetSite {
    /// How long a healed link may take to answer.
    static let clearTimeout = Duration.seconds(2)

    /// Puts the toxic on every link, all at once.
    func add(_ toxic: ToxicSpecification, to links: [Link]) async throws {
        let proxy = try proxy()
        try await withThrowingTaskGroup { group in
            for link in links {
                group.addTask { try await proxy.add(toxic, to: link.description, deadline: controlDeadline()) }
            }
            for try await _ in group {}
        }
    }

    /// Takes the toxics off every link. One that is not there was never added or is healed already.
    func remove(_ toxics: [String], from links: [Link]) async throws {
        let proxy = try proxy()
        try await withThrowingTaskGroup { group in
            for link in links {
                group.addTask {
                    for toxic in toxics {
                        do {
                            try await proxy.remove(toxic, from: link.description, deadline: controlDeadline())
                        } catch ProxyControlError.refused(status: 404, message: _, call: _) {}
                    }
                }
            }
            for try await _ in group {}
        }
    }

    /// In force when on every link the proxy lists the toxics and a probe's result fits.
    func look(
        _ links: [Link], toxics: [String], timeout: Duration, fits: @escaping @Sendable (ProbeResult) -> Bool
    ) async -> FaultLook {
        do {
            let proxy = try proxy()
            let listed = try await proxy.links(deadline: controlDeadline())
            let results = try await probe(links, through: proxy, timeout: timeout)
            var evidence: [String] = []
            var isSo = true
            for (link, result) in results.sorted(by: { $0.key.description < $1.key.description }) {
                let names = listed[link.description]?.toxics.map(\.name) ?? []
                let isListed = toxics.allSatisfy(names.contains)
                isSo = isSo && isListed && fits(result)
                evidence.append("\(link) \(isListed ? "" : "without its toxic, ")\(Self.text(result))")
            }
            return FaultLook(isSo: isSo, evidence: evidence.joined(separator: "; "))
        } catch {
            return FaultLook(isSo: false, evidence: "cannot tell the state of the links: \(error)")
        }
    }

    /// Healed when no link has one of the toxics and each answers, or what stands behind it is known to be broken.
    func lookClear(_ links: [Link], toxics: [String]) async -> FaultLook {
        do {
            let proxy = try proxy()
            let listed = try await proxy.links(deadline: controlDeadline())
            let left = links.filter { link in
                listed[link.description]?.toxics.contains { toxics.contains($0.name) } ?? false
            }
            guard left.isEmpty else {
                return FaultLook(
                    isSo: false, evidence: "still bent: \(left.map(\.description).joined(separator: ", "))")
            }
            let results = try await probe(links, through: proxy, timeout: Self.clearTimeout)
            let evidence = results.sorted { $0.key.description < $1.key.description }
                .map { "\($0.key) \(Self.text($0.value))" }
            var silent: [Link] = []
            for link in results.filter({ !$0.value.answered }).keys {
                if try await runtime.state(of: link.server) == .running { silent.append(link) }
            }
            return FaultLook(isSo: silent.isEmpty, evidence: evidence.joined(separator: "; "))
        } catch {
            return FaultLook(isSo: false, evidence: "cannot tell the state of the links: \(error)")
        }
    }

    private func probe(
        _ links: [Link], through proxy: ProxyControl, timeout: Duration
    ) async throws -> [Link: ProbeResult] {
        let deadline = environment.now() + timeout + Self.controlLimit
        return try await withThrowingTaskGroup(of: (Link, ProbeResult).self) { group in
            for link in links {
                let kind: ProbeProtocol = try context.node(link.server).kind == .redis ? .redis : .postgres
                group.addTask {
                    (link, try await proxy.probe(link.description, as: kind, timeout: timeout, deadline: deadline))
                }
            }
            var results: [Link: ProbeResult] = [:]
            for try await (link, result) in group { results[link] = result }
            return results
        }
    }

    private static func text(_ result: ProbeResult) -> String {
        if let nanoseconds = result.roundTripNanoseconds {
            "answers after \((Double(nanoseconds) / 100_000).rounded() / 10) ms"
        } else {
            "is silent (\(result.error ?? "no answer"))"
        }
    }
}
