/// Reads the `seaworthy` extension of an experiment file.
struct PlanReader {
    let topology: Topology

    func read(_ document: Document) -> Experiment.Plan {
        let empty = Experiment.Plan(
            row: nil, isDurable: false, notApplicable: [], workload: Workload([]), phases: Experiment.Phases(),
            expectations: [])
        guard let extensions = document.required("extensions") else { return empty }
        guard let plan = extensions.elements.first(where: { $0.value["name"] == "seaworthy" }) else {
            extensions.problem("has no entry with `name: seaworthy`, which says workload and expectations")
            return empty
        }
        plan.allow(["name", "row", "not-applicable", "workload", "phases", "patience", "expect", "durable"])
        return Experiment.Plan(
            row: plan.optional("row")?.string,
            isDurable: plan.optional("durable")?.bool ?? false,
            notApplicable: plan.optional("not-applicable")?.elements.compactMap(column) ?? [],
            workload: Workload(plan.required("workload")?.elements.compactMap(part) ?? []),
            phases: plan.optional("phases").map(phases) ?? Experiment.Phases(),
            patience: plan.optional("patience")?.duration ?? Experiment.Plan.standardPatience,
            expectations: plan.required("expect")?.elements.compactMap(expectation) ?? [])
    }

    private func part(_ document: Document) -> Workload.Part? {
        guard let type = document.required("type"), let name = type.string,
            let rate = document.required("rate")?.number(0...Workload.maximumRate)
        else { return nil }
        switch name {
        case "browse":
            document.allow(["type", "rate"])
            return .browse(rate: rate)
        case "order":
            document.allow(["type", "rate", "double-click", "timeout"])
            return .order(
                rate: rate, doubleClick: document.optional("double-click")?.number(0...1) ?? 0.05,
                timeout: document.optional("timeout")?.duration ?? Workload.orderTimeout)
        case "session":
            document.allow(["type", "rate", "sessions"])
            let most = Double(Workload.maximumSessions)
            return .session(rate: rate, sessions: Int(document.optional("sessions")?.number(1...most) ?? 20))
        case "lists":
            document.allow(["type", "rate"])
            return .lists(rate: rate)
        default:
            type.problem("must be browse, order, session or lists, not \(name)")
            return nil
        }
    }

    private func phases(_ document: Document) -> Experiment.Phases {
        document.allow(["warm-up", "baseline", "recovery"])
        let standard = Experiment.Phases()
        return Experiment.Phases(
            warmUp: document.optional("warm-up")?.duration ?? standard.warmUp,
            baseline: document.optional("baseline")?.duration ?? standard.baseline,
            recovery: document.optional("recovery")?.duration ?? standard.recovery)
    }

    private func column(_ document: Document) -> ContractColumn? {
        guard let name = document.string else { return nil }
        if let column = ContractColumn(rawValue: name) { return column }
        document.problem(
            "there is no column \(name); there are \(ContractColumn.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    private func expectation(_ document: Document) -> Experiment.Expectation? {
        guard let name = document.required("check")?.string,
            let column = document.required("column").flatMap(self.column)
        else { return nil }
        do {
            let check = try CheckerCatalog.make(name, document.value.object ?? [:], topology: topology)
            return Experiment.Expectation(column: column, check: check)
        } catch {
            document.problem(error.description)
            return nil
        }
    }
}
