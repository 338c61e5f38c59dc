import Foundation

/// `journal.json`, with the keys of the Chaos Toolkit's journal
/// (https://chaostoolkit.org/reference/api/journal/), so that its readers read it. A run of several experiments has
/// the keys for the whole and one such journal for each in `experiments`.
enum Journal {
    static func json(_ results: [ExperimentResult], run: RunResults) -> JSONValue {
        let start = run.surroundings.start
        let journals = results.map { journal($0, start: start) }
        let verdict = run.verdict
        let last = results.last
        let status: JSONValue = run.failure == nil ? status(verdict == .unsteady) : "aborted"
        return .members([
            "chaoslib-version": "1.0.0", "platform": .string(run.surroundings.runtime),
            "status": status,
            "deviated": .bool(verdict == .broken), "verdict": .string(verdict.rawValue),
            "start": .string(time(start)), "end": .string(time(start + run.surroundings.seconds)),
            "duration": .double(run.surroundings.seconds),
            "experiment": results.count == 1
                ? journals[0]["experiment"]
                : .members([
                    "title": .string(run.scenario), "version": "1.0.0",
                ]),
            "steady_states": [
                "before": steadyState(results.first?.steadyBefore, start: start),
                "after": steadyState(last?.steadyAfter, start: start),
            ],
            "run": .array(journals.flatMap { $0["run"]?.array ?? [] }),
            "rollbacks": .array(journals.flatMap { $0["rollbacks"]?.array ?? [] }),
            "experiments": .array(journals),
        ])
    }

    private static func journal(_ result: ExperimentResult, start: Double) -> JSONValue {
        let experiment = result.experiment
        let end = Double(result.span.upperBound) / 1e9
        let begin = Double(result.span.lowerBound) / 1e9
        return .members([
            "experiment": .members([
                "version": "1.0.0", "title": .string(experiment.title),
                "description": .string(experiment.description), "tags": .strings(experiment.tags),
                "path": .string(experiment.path),
            ]),
            "status": status(result.verdict == .unsteady),
            "deviated": .bool(result.verdict == .broken), "verdict": .string(result.verdict.rawValue),
            "start": .string(time(start + begin)), "end": .string(time(start + end)),
            "duration": .double(end - begin),
            "steady_states": [
                "before": steadyState(result.steadyBefore, start: start),
                "after": steadyState(result.steadyAfter, start: start),
            ],
            "run": .array(result.activities.map { activity($0, start: start) }),
            "rollbacks": .array(result.rollbacks.map { activity($0, start: start) }),
        ])
    }

    /// `failed` is the Chaos Toolkit's word for a steady state that was not met before the method.
    private static func status(_ isUnsteady: Bool) -> JSONValue {
        isUnsteady ? "failed" : "completed"
    }

    private static func steadyState(_ state: ExperimentResult.SteadyState?, start: Double) -> JSONValue {
        guard let state else { return .null }
        return [
            "steady_state_met": .bool(state.isMet),
            "probes": .array(state.probes.map { activity($0, start: start) }),
        ]
    }

    private static func activity(_ record: ActivityRecord, start: Double) -> JSONValue {
        let begin = Double(record.span.lowerBound) / 1e9
        let end = Double(record.span.upperBound) / 1e9
        return .members([
            "activity": ["name": .string(record.name), "type": .string(record.kind.rawValue)],
            "status": record.hasSucceeded ? "succeeded" : "failed",
            "output": .string(record.output), "tolerance_met": record.isTolerated.map { .bool($0) },
            "start": .string(time(start + begin)), "end": .string(time(start + end)),
            "duration": .double(end - begin),
        ])
    }

    private static func time(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true))
    }
}
