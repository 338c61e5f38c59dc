/// Changes that Redis has not been told of, as a value. They are told as soon as it answers; until then this server
/// takes nothing from there that does not have them.
struct OwedChanges: Sendable {
    private var owed: [CacheKey: CacheChange] = [:]
    /// More are not remembered: what is left out ends with its lifetime.
    static let limit = 4096

    var isEmpty: Bool { owed.isEmpty }
    var count: Int { owed.count }

    /// Remembers changes.
    /// - Returns: how many there was no room for.
    mutating func add(_ changes: [CacheChange]) -> Int {
        var dropped = 0
        for change in changes {
            if let known = owed[change.subject.scope] {
                owed[change.subject.scope]?.version = Self.both(known.version, change.version)
            } else if owed.count < Self.limit {
                owed[change.subject.scope] = change
            } else {
                dropped += 1
            }
        }
        return dropped
    }

    /// What is owed of a scope; nil when nothing is.
    func change(of scope: CacheKey) -> CacheVersion? {
        owed[scope]?.version
    }

    /// Some of what is owed.
    func next(_ limit: Int) -> [CacheChange] {
        Array(owed.values.prefix(limit))
    }

    /// These were told; what has been added to one of them since stays.
    mutating func settle(_ changes: [CacheChange]) {
        for change in changes where owed[change.subject.scope] == change { owed[change.subject.scope] = nil }
    }

    /// A change without a version makes the sum one: nothing then has it for certain.
    private static func both(_ left: CacheVersion, _ right: CacheVersion) -> CacheVersion {
        left == .unknown || right == .unknown ? .unknown : left.merged(right)
    }
}
