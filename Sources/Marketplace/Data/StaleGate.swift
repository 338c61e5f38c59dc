/// Which replicas are in rotation by the age of their data, with hysteresis: one leaves when it is older than the bound
/// and returns when it is well under it, so that one near the bound does not come and go with every sample.
struct StaleGate: Sendable {
    private var out: Set<Int> = []

    /// The share of the bound under which a replica returns.
    static let returnShare = 0.75

    /// Takes a replica's age, nil when it is not known, and says whether it is in rotation.
    mutating func admits(_ node: Int, age: Duration?, bound: Duration) -> Bool {
        guard let age, age <= bound else {
            out.insert(node)
            return false
        }
        if age <= bound * Self.returnShare { out.remove(node) }
        return !out.contains(node)
    }
}
