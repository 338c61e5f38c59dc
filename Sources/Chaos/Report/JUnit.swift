/// The checks as `junit.xml` (https://github.com/testmoapp/junitxml), which every CI shows: broken is a failure,
/// unknown an error, since both must not pass.
enum JUnit {
    static func text(_ results: RunResults) -> String {
        var suites = results.experiments.map(suite)
        if let failure = results.failure {
            let whole = Case(name: "every experiment was carried out", outcome: .error, message: failure)
            suites.append(Suite(name: results.scenario, seconds: results.surroundings.seconds, cases: [whole]))
        }
        let tests = suites.reduce(0) { $0 + $1.cases.count }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="\(escape(results.scenario))" tests="\(tests)" time="\(time(results.surroundings.seconds))">
            \(suites.map(text).joined(separator: "\n"))
            </testsuites>

            """
    }

    private struct Suite {
        var name: String
        var seconds: Double
        var cases: [Case]

        func count(_ outcome: Case.Outcome) -> Int { cases.count { $0.outcome == outcome } }
    }

    private struct Case {
        var name: String
        /// Nil when it passed.
        var outcome: Outcome?
        var message = ""
        var lines: [String] = []

        /// By the names of their elements.
        enum Outcome: String {
            case failure, error
        }
    }

    private static func suite(_ experiment: ExperimentReport) -> Suite {
        let seconds = Double(experiment.span.upperBound - experiment.span.lowerBound) / 1e9
        var cases = experiment.checks.map(testCase)
        // All checks may hold and the system not come back; or none were made, since it was never well.
        if experiment.steadyBefore == false {
            cases.append(steadyState(.error, RunVerdict.unsteady.rawValue, experiment.complaints))
        } else if experiment.steadyAfter == false {
            cases.append(steadyState(.failure, "the steady state was not reached again", experiment.complaints))
        } else if cases.isEmpty {
            cases.append(steadyState(nil, "", []))
        }
        return Suite(name: experiment.name, seconds: seconds, cases: cases)
    }

    private static func steadyState(_ outcome: Case.Outcome?, _ message: String, _ lines: [String]) -> Case {
        Case(name: "steady state", outcome: outcome, message: message, lines: lines)
    }

    private static func testCase(_ check: CheckReport) -> Case {
        let name = "\(check.column.rawValue): \(check.promise)"
        return switch check.verdict {
        case .held: Case(name: name)
        case .broken:
            Case(
                name: name, outcome: .failure, message: check.summary,
                lines: check.notes + check.proofs.map(\.text))
        case .unknown: Case(name: name, outcome: .error, message: check.summary, lines: check.notes)
        }
    }

    private static func text(_ suite: Suite) -> String {
        """
          <testsuite name="\(escape(suite.name))" tests="\(suite.cases.count)" failures="\(suite.count(.failure))" \
        errors="\(suite.count(.error))" time="\(time(suite.seconds))">
        \(suite.cases.map { text($0, in: suite) }.joined(separator: "\n"))
          </testsuite>
        """
    }

    private static func text(_ test: Case, in suite: Suite) -> String {
        let open = "    <testcase classname=\"\(escape(suite.name))\" name=\"\(escape(test.name))\""
        guard let element = test.outcome?.rawValue else { return "\(open)/>" }
        let lines = escape(test.lines.joined(separator: "\n"))
        return """
            \(open)>
                  <\(element) message="\(escape(test.message))">\(lines)</\(element)>
                </testcase>
            """
    }

    private static func time(_ seconds: Double) -> String { seconds.formatted(decimals: 3) }

    private static func escape(_ text: String) -> String { Markup.escape(text) }
}
