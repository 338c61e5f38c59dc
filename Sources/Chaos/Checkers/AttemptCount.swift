/// How many attempts met a fault.
enum AttemptCount {
    /// From the services' own `marketplace_dependency_calls_total` for the broken node, which counts also what a
    /// breaker refused; where no server has it, from the proxy's count of chunks towards the node.
    static func attempts(
        at injection: RunFacts.Injection, during range: Range<Int64>, in run: RecordedRun
    ) -> Evidence.Attempts {
        let calls = CounterDelta.sum(in: range, of: run.metrics) {
            $0.name == "marketplace_dependency_calls_total" && $0.labels["dependency"] == injection.node
        }
        if calls > 0 { return Evidence.Attempts(count: Int(calls), source: "the servers' dependency calls") }
        let chunks = CounterDelta.sum(in: range, of: run.metrics) {
            $0.name == "proxy_chunks_total" && $0.labels["node"] == injection.node
        }
        return Evidence.Attempts(count: Int(chunks), source: "the proxy's counters")
    }
}
