/// One experiment on the page: what was broken, the lanes, the checks.
struct ExperimentSection {
    let report: ExperimentReport
    let page: ReportPage

    var model: [String: Any] {
        let words = VerdictWords(report.verdict)
        var model: [String: Any] = [
            "anchor": report.name, "title": report.title, "description": report.description,
            "verdictClass": words.className, "verdictSymbol": words.symbol, "verdictWord": words.title,
            "chips": chips, "complaints": report.complaints, "checks": report.checks.map(check),
            "isNotHeld": report.verdict != .held, "again": again,
        ]
        if !report.repeatedBecause.isEmpty {
            let times = report.repeatedBecause.count == 1 ? "twice" : "\(report.repeatedBecause.count + 1) times"
            model["repeated"] = "Run \(times): \(report.repeatedBecause.joined(separator: "; "))."
        }
        if !report.facts.baseline.isEmpty { model["chart"] = chart }
        return model
    }

    private var again: String {
        let variables = page.results.surroundings.variables.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(ReproductionScript.quote($0.value)) " }.joined()
        return "\(variables)chaos run \(ReproductionScript.quote(report.path)) --seed \(page.results.surroundings.seed)"
    }

    private var chips: [[String: String]] {
        let evidence = report.evidence
        var chips: [(text: String, isDoubt: Bool)] = []
        for injection in report.facts.injections {
            let seen = injection.observations.count { $0.inForce }
            let seconds = Double((injection.healing ?? injection.applied) - injection.applied) / 1e9
            chips.append(("\(injection.fault) on \(injection.target)", false))
            chips.append(
                (
                    "seen in force in \(seen) of \(injection.observations.count) looks over "
                        + "\(seconds.formatted(decimals: 1)) s", !injection.verified
                ))
        }
        if let attempts = evidence.attempts {
            chips.append(
                (
                    "\(ReportPage.grouped(attempts.count)) attempts met it, by \(attempts.source)",
                    attempts.count < Evidence.attemptsAtFault
                ))
        }
        for phase in ["baseline", "fault", "recovery"] {
            guard let count = evidence.operations[phase] else { continue }
            chips.append(("\(ReportPage.grouped(count)) operations in \(phase)", count < Evidence.operationsPerPhase))
        }
        if !report.facts.baseline.isEmpty {
            chips.append(("machine held up by at most \(evidence.delay.words)", !evidence.isTimely))
        }
        return chips.map { ["text": $0.text, "class": $0.isDoubt ? "doubt" : "plain"] }
    }

    private var chart: [String: Any] {
        let chart = ExperimentChart(
            facts: report.facts, operations: page.operations.filter { report.span.contains($0.start) },
            metrics: page.metrics.filter { report.span.contains($0.time) })
        return [
            "id": report.name, "svg": chart.svg, "note": "Drawn: \(chart.sample.note)",
            // Nothing within the data may end the element or open another: JSON allows the escape.
            "data": chart.data.text.replacing("<", with: "\\u003c"),
            "servers": chart.serving.servers.map { ["name": "read by \($0)", "color": "\(chart.serving.color($0))"] },
        ]
    }

    private func check(_ check: CheckReport) -> [String: Any] {
        let words = VerdictWords(check.verdict)
        let listed = check.proofs.count
        // In an unknown verdict they are what was seen, and prove nothing.
        let purpose = check.verdict == .broken ? "as proof" : "that would count against it"
        let title =
            listed < check.proofCount
            ? "\(listed) of \(ReportPage.grouped(check.proofCount)) operations \(purpose)"
            : "\(listed) operation\(listed == 1 ? "" : "s") \(purpose)"
        return [
            "verdictClass": words.className, "verdictSymbol": words.symbol, "verdictWord": words.title,
            "column": check.column.title, "promise": check.promise, "summary": check.summary,
            "notes": check.notes, "hasNotes": !check.notes.isEmpty, "hasProofs": !check.proofs.isEmpty,
            "isBroken": check.verdict == .broken,
            "proofTitle": title, "proofs": check.proofs.map(proof),
        ]
    }

    private func proof(_ proof: CheckReport.Proof) -> [String: String] {
        let parts = [proof.outcome, proof.status.map(String.init), proof.code, proof.node.map { "by \($0)" }]
        return [
            "index": "\(proof.index)", "at": "\(proof.seconds.formatted(decimals: 3)) s", "what": proof.function,
            "key": proof.key ?? "", "server": proof.server ?? "",
            "outcome": parts.compactMap(\.self).joined(separator: " "),
            "after": proof.latencyMilliseconds.map { "\($0.formatted(decimals: 1)) ms" } ?? "",
            "order": proof.order ?? "",
        ]
    }
}
