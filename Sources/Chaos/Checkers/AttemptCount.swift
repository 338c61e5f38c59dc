/// How many attempts met a fault.
enum AttemptCount {
    /// From the services' own `marketplace_dependency_calls_total` for the broken nodes, which counts also what a
    /// breaker refused; where no server has it, from the proxy: pieces of requests towards them, and refusals by them.
    static func attempts(
        at injection: RunFacts.Injection, during range: Range<Int64>, in run: RecordedRun
    ) -> Evidence.Attempts {
        func isTouched(_ node: String?) -> Bool { node.map(injection.nodes.contains) ?? false }
        let calls = CounterDelta.sum(in: range, of: run.metrics) {
            $0.name == "marketplace_dependency_calls_total" && isTouched($0.labels["dependency"])
        }
        if calls > 0 { return Evidence.Attempts(count: Int(calls), source: "the servers' dependency calls") }
        let passed = CounterDelta.sum(in: range, of: run.metrics) {
            ["seaworthy_proxy_chunks_total", "seaworthy_proxy_upstream_refusals_total"].contains($0.name)
                && isTouched($0.labels["proxy"]?.split(separator: ":").last.map(String.init))
        }
        return Evidence.Attempts(count: Int(passed), source: "the proxy's counters")
    }
}
