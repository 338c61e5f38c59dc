import Foundation
import Mustache

/// `report.html`: one file that needs nothing else, made from what a bundle keeps.
public struct ReportPage {
    let results: RunResults
    let operations: [Operation]
    let metrics: [MetricsSample]

    /// More operations than this of a violation are counted, not listed.
    static let listedProofs = Finding.maximumProofs

    /// Takes what the page is made from.
    public init(results: RunResults, history: [HistoryEvent], metrics: [MetricsSample]) {
        self.results = results
        operations = Operation.pair(history)
        self.metrics = metrics
    }

    /// - Throws: when the template does not fit what it is given, which no input can cause.
    public func html() throws -> String {
        try MustacheTemplate(string: ReportTemplate.text).render(model)
    }

    private var model: [String: Any] {
        let words = VerdictWords(results.verdict)
        return [
            "style": ReportStyle.text, "script": ReportScript.text, "mark": Self.mark, "scenario": results.scenario,
            "verdictClass": words.className, "verdictSymbol": words.symbol, "verdictWord": words.title,
            "verdictSentence": sentence, "facts": facts, "tiles": tiles,
            "columns": ContractColumn.allCases.map(\.title), "rows": rows,
            "experiments": results.experiments.map { ExperimentSection(report: $0, page: self).model },
            "command": results.surroundings.command,
        ]
    }

    private var sentence: String {
        if let failure = results.failure, results.verdict != .broken { return "The run was cut short: \(failure)" }
        let checks = results.experiments.flatMap(\.checks)
        let broken = checks.count { $0.verdict == .broken }
        let unknown = checks.count { $0.verdict == .unknown }
        let count = results.experiments.count
        switch results.verdict {
        case .held:
            return "All \(checks.count) promises held in \(count) experiment\(count == 1 ? "" : "s")."
        case .broken:
            let first = results.experiments.first { $0.verdict == .broken }
            let breach = first?.checks.first { $0.verdict == .broken }
            let what = breach.map { ": \($0.promise) (\($0.summary))" } ?? ": \(first?.complaints.first ?? "")"
            return "\(broken) of \(checks.count) promises were broken. First, in “\(first?.title ?? "")”\(what)."
        case .unknown: return "\(unknown) of \(checks.count) promises could not be judged; none was seen broken."
        case .unsteady: return "The system was not well before anything was broken, so nothing was."
        }
    }

    private var facts: [[String: String]] {
        let place = results.surroundings
        let date = Date(timeIntervalSince1970: place.start).formatted(.iso8601)
        var facts = [
            ("When", date), ("Took", "\(place.seconds.formatted(decimals: 1)) s"), ("Runtime", place.runtime),
            ("Fleet", place.fleet), ("Topology", place.topology), ("Seed", "\(place.seed)"),
        ]
        if !place.variables.isEmpty {
            let list = place.variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            facts.append(("Services' variables", list.joined(separator: " ")))
        }
        return facts.map { ["name": $0.0, "value": $0.1] }
    }

    private var tiles: [[String: String]] {
        let orders = operations.filter { $0.isOrder && $0.outcome == .ok && !$0.isReplay }
        let checks = results.experiments.flatMap(\.checks)
        let injections = results.experiments.flatMap(\.facts.injections)
        let attempts = results.experiments.compactMap { $0.evidence.attempts?.count }.reduce(0, +)
        return [
            ("\(injections.count { $0.verified }) of \(injections.count)", "faults verified throughout"),
            (Self.grouped(operations.count), "operations recorded"), (Self.grouped(attempts), "attempts met a fault"),
            (Self.grouped(orders.count), "orders acknowledged"),
            ("\(checks.count { $0.verdict == .held }) of \(checks.count)", "promises held"),
        ].map { ["value": $0.0, "name": $0.1] }
    }

    private var rows: [[String: Any]] {
        zip(ContractGrid(results.experiments).rows, results.experiments).map { row, experiment in
            let cells = zip(row.cells, ContractColumn.allCases).map { cell, column -> [String: Any] in
                let hints = experiment.checks.filter { $0.column == column }.map { "\($0.promise): \($0.summary)" }
                return [
                    "class": cell == .notApplicable || cell == .notChecked ? "none" : cell.rawValue,
                    "symbol": Self.symbol(cell), "word": cell == .notChecked ? "" : cell.rawValue,
                    "anchor": experiment.name, "hint": hints.joined(separator: "\n"),
                ]
            }
            return ["title": row.title, "anchor": experiment.name, "cells": cells]
        }
    }

    private static func symbol(_ cell: ContractGrid.Cell) -> String {
        switch cell {
        case .held: "✓"
        case .broken: "✕"
        case .unknown: "?"
        case .notApplicable: ""
        case .notChecked: "–"
        }
    }

    /// `12,345`.
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (position, digit) in String(number).reversed().enumerated() {
            if position > 0, position % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    private static let mark = """
        <svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" \
        stroke-linejoin="round" aria-hidden="true"><path d="M16 4v13M16 5l8 11h-8M4 20h24l-4 6H9z"/>\
        <path d="M3 29c3 0 3-1.5 6-1.5s3 1.5 6.500 1.5 3-1.5 6.500-1.5 3 1.5 7 1.5"/></svg>
        """
}

/// How a verdict is written on the page: never by colour alone.
struct VerdictWords {
    let title: String
    let symbol: String
    let className: String

    init(_ verdict: RunVerdict) {
        switch verdict {
        case .held: (title, symbol, className) = ("Held", "✓", "held")
        case .broken: (title, symbol, className) = ("Broken", "✕", "broken")
        case .unknown: (title, symbol, className) = ("Unknown", "?", "unknown")
        case .unsteady: (title, symbol, className) = ("Never steady", "!", "unsteady")
        }
    }

    init(_ verdict: Verdict) {
        switch verdict {
        case .held: self.init(RunVerdict.held)
        case .broken: self.init(RunVerdict.broken)
        case .unknown: self.init(RunVerdict.unknown)
        }
    }
}
