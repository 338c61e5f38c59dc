/// The operations that are drawn one by one: everything that went wrong, the slowest, and an even sample of the rest,
/// so that a page stays small however long the run was.
struct ScatterSample {
    static let maximumPoints = 2_400

    /// In order of time.
    let points: [Operation]
    /// How many operations there were.
    let total: Int

    init(_ operations: [Operation]) {
        let ended = operations.filter { $0.latency != nil }
        total = ended.count
        guard ended.count > Self.maximumPoints else {
            points = ended
            return
        }
        // Half of the room at most goes to what is remarkable, the rest shows what is usual.
        let notable = Self.thin(ended.filter { $0.outcome != .ok }, to: Self.maximumPoints / 2)
        let usual = ended.filter { $0.outcome == .ok }
        let slowest = usual.sorted { ($0.latency ?? 0) > ($1.latency ?? 0) }.prefix(Self.maximumPoints / 12)
        let drawn = Set(slowest.map(\.index))
        let room = Self.maximumPoints - notable.count - slowest.count
        let sample = Self.thin(usual.filter { !drawn.contains($0.index) }, to: room)
        points = (notable + slowest + sample).sorted { $0.start < $1.start }
    }

    /// Every n-th, evenly.
    private static func thin(_ operations: [Operation], to count: Int) -> [Operation] {
        guard operations.count > count, count > 0 else { return operations }
        return (0..<count).map { operations[$0 * operations.count / count] }
    }

    var note: String {
        points.count == total
            ? "all \(total) operations"
            : "\(points.count) of \(total) operations: failures, unknown and slowest first, then an even sample"
    }
}
