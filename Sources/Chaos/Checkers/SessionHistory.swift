/// What sessions did, in the order in which each did it: what the checkers of sessions share.
struct SessionHistory {
    /// By session; a session does one thing at a time, so that the order of its invocations is its own.
    let sessions: [String: [Operation]]

    /// Fewer checked reads than this show nothing.
    static let minimumReads = 50

    init(_ run: RecordedRun) {
        sessions = Dictionary(grouping: run.operations.filter { $0.session != nil }) { $0.session ?? "" }
            .mapValues { $0.sorted { $0.index < $1.index } }
    }

    /// Reads that were answered with less than they had to be.
    struct Breach {
        var read: Operation
        /// What it was behind.
        var earlier: Operation
    }

    /// What a pass over all sessions found: the reads behind what their session knew, and how many were looked at in
    /// the stretch that counts.
    struct Outcome {
        var breaches: [Breach] = []
        var checked = 0
    }

    /// Compares every read that carried a token with what its session knew of the product by then.
    /// - Parameters:
    ///   - range: reads due outside of it do not count towards ``Outcome/checked``.
    ///   - teaches: whether an operation that went well adds to what its session knows.
    func compare(countedIn range: Range<Int64>, teaches: (Operation) -> Bool) -> Outcome {
        var outcome = Outcome()
        for operations in sessions.values {
            var known: [String: Operation] = [:]
            for operation in operations where operation.outcome == .ok {
                guard let product = operation.key, let version = operation.version else { continue }
                let before = known[product]
                if operation.function == "session-read", operation.hasToken, let before {
                    if range.contains(operation.start) { outcome.checked += 1 }
                    if version < before.version ?? 0 {
                        outcome.breaches.append(Breach(read: operation, earlier: before))
                    }
                }
                if teaches(operation), version >= before?.version ?? 0 { known[product] = operation }
            }
        }
        outcome.breaches.sort { $0.read.index < $1.read.index }
        return outcome
    }
}

extension RecordedRun {
    /// The fault, or in a run without one all that was measured.
    var heart: Range<Int64> { facts.fault ?? facts.baseline }
}
