import Synchronization

/// In which order a read asks the replicas.
public struct ReplicaSet: ~Copyable, Sendable {
    /// How the first one is chosen; the others follow should it fail.
    public enum Selection: String, Sendable, CaseIterable {
        /// Each in turn.
        case roundRobin = "round-robin"
        /// Drawn, evenly.
        case random
        /// The one with the fewest reads under way; of several, each in turn.
        case leastOutstanding = "least-outstanding"
    }

    private let selection: Selection
    private let turn = Atomic<Int>(0)

    /// The first read goes to the first replica.
    public init(_ selection: Selection = .roundRobin) {
        self.selection = selection
    }

    /// The order for the next read.
    /// - Parameters:
    ///   - replicas: those in rotation.
    ///   - outstanding: how many reads a replica has under way.
    func order(_ replicas: [Int], random: () -> UInt64, outstanding: (Int) -> Int) -> [Int] {
        guard replicas.count > 1 else { return replicas }
        let turn = UInt(bitPattern: turn.wrappingAdd(1, ordering: .relaxed).oldValue)
        return Self.order(replicas, selection, turn: turn, random: random, outstanding: outstanding)
    }

    static func order(
        _ replicas: [Int], _ selection: Selection, turn: UInt, random: () -> UInt64, outstanding: (Int) -> Int
    ) -> [Int] {
        guard !replicas.isEmpty else { return [] }
        let inTurn = rotated(replicas, by: turn)
        switch selection {
        case .roundRobin: return inTurn
        case .random: return rotated(replicas, by: UInt(truncatingIfNeeded: random()))
        case .leastOutstanding:
            // Asked once each, since the numbers move meanwhile; sorting keeps the turn among equals.
            let loads = inTurn.enumerated().map { (place: $0.offset, node: $0.element, load: outstanding($0.element)) }
            return loads.sorted { ($0.load, $0.place) < ($1.load, $1.place) }.map(\.node)
        }
    }

    private static func rotated(_ replicas: [Int], by turn: UInt) -> [Int] {
        let start = Int(turn % UInt(replicas.count))
        return Array(replicas[start...] + replicas[..<start])
    }
}
