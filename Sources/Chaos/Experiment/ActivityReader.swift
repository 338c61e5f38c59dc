/// Reads probes and actions with their providers and tolerances.
struct ActivityReader {
    let topology: Topology

    enum Place {
        case hypothesis, method, rollbacks
    }

    func read(_ document: Document, in place: Place) -> Experiment.Activity? {
        document.allow(["type", "name", "provider", "tolerance", "pauses", "background", "controls", "configuration"])
        for unsupported in ["background", "controls", "configuration"] {
            document.optional(unsupported)?.problem("is not supported; take it out")
        }
        guard let type = document.required("type"), let typeName = type.string else { return nil }
        guard let kind = Experiment.Activity.Kind(rawValue: typeName) else {
            type.problem("must be probe or action, not \(typeName)")
            return nil
        }
        let name = document.required("name")?.string ?? ""
        guard let provider = document.required("provider").flatMap({ self.provider($0, in: place) }) else { return nil }
        if kind == .action, place == .hypothesis { type.problem("must be probe: a hypothesis only looks") }
        let tolerance = document.optional("tolerance").flatMap(self.tolerance)
        if place == .hypothesis, document.optional("tolerance") == nil {
            document.problem("`tolerance` is missing: a probe of a hypothesis has to say what is well")
        }
        let pauses = document.optional("pauses")
        pauses?.allow(["before", "after"])
        return Experiment.Activity(
            kind: kind, name: name, provider: provider, tolerance: tolerance,
            pauseBefore: pauses?.optional("before")?.duration ?? .zero,
            pauseAfter: pauses?.optional("after")?.duration ?? .zero)
    }

    // MARK: Providers

    private func provider(_ document: Document, in place: Place) -> Experiment.Provider? {
        guard let type = document.required("type"), let name = type.string else { return nil }
        switch name {
        case "http": return http(document).map { .http($0) }
        case "process": return process(document).map { .process($0) }
        case "chaos":
            if place != .method {
                type.problem("is only for the method; a fault heals by itself and needs no rollback")
            }
            return fault(document).map { .chaos($0) }
        default:
            type.problem("must be http, process or chaos, not \(name)")
            return nil
        }
    }

    private func http(_ document: Document) -> HTTPProvider? {
        document.allow(["type", "url", "method", "headers", "timeout"])
        guard let url = document.required("url")?.string else { return nil }
        let headers = document.optional("headers")
        if let headers, headers.value.object == nil { headers.problem("must be a mapping, not \(headers.value.kind)") }
        return HTTPProvider(
            url: url, method: document.optional("method")?.string ?? "GET",
            headers: (headers?.value.object ?? [:]).mapValues { $0.string ?? $0.text },
            timeout: document.optional("timeout")?.duration ?? .seconds(5))
    }

    private func process(_ document: Document) -> ProcessProvider? {
        document.allow(["type", "path", "arguments", "timeout"])
        guard let path = document.required("path")?.string else { return nil }
        let arguments = document.optional("arguments")
        let list = arguments?.value.string.map { $0.split(separator: " ").map(String.init) }
        return ProcessProvider(
            path: path, arguments: list ?? arguments?.elements.compactMap(\.string) ?? [],
            timeout: document.optional("timeout")?.duration ?? .seconds(30))
    }

    private func fault(_ document: Document) -> Experiment.FaultStep? {
        guard let members = document.value.object else {
            document.problem("must be a mapping, not \(document.value.kind)")
            return nil
        }
        guard let fault = document.required("fault"), let name = fault.string,
            let target = document.required("target"), let targetName = target.string,
            let duration = document.required("for")?.duration
        else { return nil }
        guard let kind = FaultKind(rawValue: name) else {
            let known = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
            fault.problem("there is no fault \(name); there are \(known)")
            return nil
        }
        if duration < .seconds(2) {
            document.optional("for")?.problem("is too short to verify a fault at least once a second; 2s at least")
        }
        let parameters = members.filter { !["type", "fault", "target", "for"].contains($0.key) }
        let step = Experiment.FaultStep(
            fault: Fault(kind, parameters: parameters.mapValues { $0.string ?? $0.text }), target: targetName,
            duration: duration)
        do {
            let place = try FaultTarget(targetName, in: topology)
            do { _ = try FaultCatalog.mechanism(step.fault, on: place, in: topology) } catch {
                fault.problem(error.description)
            }
        } catch {
            target.problem(error.description)
        }
        return step
    }

    // MARK: Tolerances

    private func tolerance(_ document: Document) -> Tolerance? {
        switch document.value {
        case .array(let values): return .oneOf(values)
        case .object: return typedTolerance(document)
        default: return .equals(document.value)
        }
    }

    private func typedTolerance(_ document: Document) -> Tolerance? {
        guard let type = document.required("type"), let name = type.string else { return nil }
        let target = document.optional("target")?.string ?? "body"
        switch name {
        case "range":
            document.allow(["type", "range", "target"])
            let bounds = document.required("range")?.value.array?.compactMap(\.double) ?? []
            guard bounds.count == 2, bounds[0] <= bounds[1] else {
                document.optional("range")?.problem("must be two numbers, the smaller first")
                return nil
            }
            return .range(bounds[0]...bounds[1], target: target)
        case "regex":
            document.allow(["type", "pattern", "target"])
            guard let pattern = document.required("pattern")?.string else { return nil }
            guard (try? Regex(pattern)) != nil else {
                document.optional("pattern")?.problem("is not a regular expression")
                return nil
            }
            return .regex(pattern, target: target)
        case "jsonpath":
            document.allow(["type", "path", "expect", "target"])
            guard let path = document.required("path")?.string else { return nil }
            guard let steps = JSONPathStep.parse(path) else {
                document.optional("path")?.problem("must be members and indexes only, such as $.breakers['cache']")
                return nil
            }
            let expected = document.optional("expect")?.value
            return .jsonPath(steps, expected: expected.map { $0.array ?? [$0] } ?? [])
        default:
            type.problem("must be range, regex or jsonpath, not \(name)")
            return nil
        }
    }
}
