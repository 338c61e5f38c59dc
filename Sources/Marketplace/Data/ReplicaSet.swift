import Synchronization

/// Decides which nodes a read asks, and in which order: replicas in turn, the primary when none of them is there.
public struct ReplicaSet: ~Copyable, Sendable {
    private let turn = Atomic<Int>(0)

    /// The first read goes to the first replica.
    public init() {}

    /// The order for the next read.
    /// - Parameters:
    ///   - usesReplicas: whether reads go to replicas at all.
    public func order(of roles: ShardRoles, usesReplicas: Bool) -> [Int] {
        guard usesReplicas, !roles.replicas.isEmpty else { return roles.primary.map { [$0] } ?? [] }
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return Self.rotated(roles.replicas, by: turn) + (roles.primary.map { [$0] } ?? [])
    }

    static func rotated(_ replicas: [Int], by turn: Int) -> [Int] {
        let start = Int(UInt(bitPattern: turn) % UInt(replicas.count))
        return Array(replicas[start...] + replicas[..<start])
    }
}
