/// The checks as `junit.xml` (https://github.com/testmoapp/junitxml), which every CI shows: broken is a failure,
/// unknown an error, since both must not pass.
enum JUnit {
    static func text(_ results: RunResults) -> String {
        let suites = results.experiments.map(suite)
        let tests = results.experiments.reduce(0) { $0 + max($1.checks.count, 1) }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="\(escape(results.scenario))" tests="\(tests)" time="\(time(results.surroundings.seconds))">
            \(suites.joined(separator: "\n"))
            </testsuites>

            """
    }

    private static func suite(_ experiment: ExperimentReport) -> String {
        let seconds = Double(experiment.span.upperBound - experiment.span.lowerBound) / 1e9
        var cases = experiment.checks.map { check in
            testCase("\(check.column.rawValue): \(check.promise)", in: experiment, outcome(check))
        }
        if cases.isEmpty {
            let message = experiment.verdict.rawValue
            let inner = experiment.verdict == .held ? nil : element("error", message, experiment.complaints)
            cases = [testCase("steady state", in: experiment, inner)]
        }
        let failures = experiment.checks.count { $0.verdict == .broken }
        let errors = experiment.checks.count { $0.verdict == .unknown }
        return """
              <testsuite name="\(escape(experiment.name))" tests="\(cases.count)" failures="\(failures)" \
            errors="\(errors)" time="\(time(seconds))">
            \(cases.joined(separator: "\n"))
              </testsuite>
            """
    }

    private static func outcome(_ check: CheckReport) -> String? {
        switch check.verdict {
        case .held: nil
        case .broken: element("failure", check.summary, check.notes + check.proofs.map(\.text))
        case .unknown: element("error", check.summary, check.notes)
        }
    }

    private static func testCase(_ name: String, in experiment: ExperimentReport, _ inner: String?) -> String {
        let open = "    <testcase classname=\"\(escape(experiment.name))\" name=\"\(escape(name))\""
        return inner.map { "\(open)>\n\($0)\n    </testcase>" } ?? "\(open)/>"
    }

    private static func element(_ name: String, _ message: String, _ lines: [String]) -> String {
        "      <\(name) message=\"\(escape(message))\">\(escape(lines.joined(separator: "\n")))</\(name)>"
    }

    private static func time(_ seconds: Double) -> String { seconds.formatted(decimals: 3) }

    private static func escape(_ text: String) -> String { Markup.escape(text) }
}
