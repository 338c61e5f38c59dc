import NIOCore
import Redis

/// The layer that servers share, in Redis: looks up, and on a miss says who loads; fills; ends what has changed.
///
/// A plain delete would leave a hole: a reader that began before the change, or one that asked a replica which has not
/// caught up, would put the old value back for its whole lifetime. So a change leaves a tombstone with the version that
/// an answer must have at least, and a fill is refused below it. A reader that is held up for longer than a tombstone
/// stands has lost its lease by then, and its fill is refused for that (leases: Nishtala et al., "Scaling Memcache at
/// Facebook", NSDI 2013). And a change that is told between a reader's look and its fill ends the fill, since a version
/// alone cannot tell what was read while a commit was in the log and not yet visible.
struct RedisCache: Sendable {
    /// What a look-up found.
    enum Lookup: Sendable {
        /// It counts for so long.
        case hit(CacheEntry, freshFor: Duration)
        case miss(Miss)
    }

    /// Nothing that counts, and what is known.
    struct Miss: Sendable {
        enum Role: String, Sendable {
            /// This caller's lease: it loads.
            case lead
            /// Another's lease: it is being loaded.
            case wait
            /// No leases: everyone loads.
            case free
        }

        var role: Role
        /// What does not count any more, and for how long that has been so; for when there is nothing better.
        var stale: (entry: CacheEntry, staleSince: Duration)?
        /// What an answer must have.
        var change: CacheVersion
        /// A change whose version is not known was made a moment ago: nothing may be kept now.
        var isBlocked: Bool
        /// Of a list: what its pages have to carry.
        var generation: String
        /// The latest change that Redis knew of when it was asked: a fill counts only when there was none since.
        var latestChange = ""
    }

    let redis: RedisClient
    let settings: CacheSettings
    /// Whether leases are asked for.
    let isGuarded: Bool
    let environment: Environment

    /// - Parameters:
    ///   - token: by which the caller's lease is known; one for each attempt to load.
    ///   - wanted: what an entry must have to count for this caller.
    func look(
        _ subject: CacheSubject, token: String, wanted: CacheVersion = .unknown, deadline: ContinuousClock.Instant
    ) async throws -> Lookup {
        let reply = try await redis.run(
            Self.lookup, keys: [subject.entryName, subject.scope.text, subject.leaseName],
            arguments: [
                .text(subject.isPage ? generation() : ""), .integer(scopeLifetime(subject)),
                .integer(Int64(settings.staleIfError.milliseconds)), .text(isGuarded ? token : ""),
                .integer(Int64(settings.lease.milliseconds)),
                .text(CacheVersion.digits(wanted.number)), .text(CacheVersion.digits(wanted.position)),
            ], deadline: deadline)
        return try lookup(reply)
    }

    private func lookup(_ reply: RedisValue) throws -> Lookup {
        guard let parts = reply.array, parts.count == 8, let role = parts[0].string, let left = parts[2].integer else {
            throw RedisError(.failed, .unexpectedReply("the look-up script"), node: redis.endpoint.name)
        }
        let entry = parts[1].bytes.flatMap { CacheEntry($0) }
        if role == "hit", let entry { return .hit(entry, freshFor: .milliseconds(left)) }
        return .miss(
            Miss(
                // An entry that cannot be read is none; without a lease it is loaded and not filled.
                role: Miss.Role(rawValue: role) ?? .wait,
                stale: entry.map { ($0, .milliseconds(-left)) },
                change: CacheVersion(number: parts[3].string ?? "", position: parts[4].string ?? ""),
                isBlocked: parts[5].integer == 1, generation: parts[6].string ?? "",
                latestChange: parts[7].string ?? ""))
    }

    /// Puts an answer there, unless something newer is known.
    /// - Parameter miss: what the look-up of this caller said.
    func fill(
        _ subject: CacheSubject, _ entry: CacheEntry, token: String, miss: Miss, deadline: ContinuousClock.Instant
    ) async throws {
        // What is over the fresh part is told by what is left, so all entries have both parts.
        let life = entry.lifetime + settings.staleIfError
        _ = try await redis.run(
            Self.filling, keys: [subject.entryName, subject.scope.text, subject.leaseName],
            arguments: [
                .text(isGuarded ? token : ""), .buffer(entry.encoded), .text(CacheVersion.digits(entry.version.number)),
                .text(CacheVersion.digits(entry.version.position)), .text(miss.generation),
                .integer(Int64(life.milliseconds)), .text(miss.latestChange),
            ], deadline: deadline)
    }

    /// Gives a lease back: the next one may load.
    func release(_ subject: CacheSubject, token: String, deadline: ContinuousClock.Instant) async throws {
        _ = try await redis.run(
            Self.releasing, keys: [subject.leaseName], arguments: [.text(token)], deadline: deadline)
    }

    /// Ends what a change made untrue.
    func change(_ changes: [CacheChange], deadline: ContinuousClock.Instant) async throws {
        guard !changes.isEmpty else { return }
        var arguments: [RedisArgument] = [.integer(Int64(settings.tombstone.milliseconds))]
        for change in changes {
            let generation = change.subject.isPage ? generation() : ""
            let lifetime =
                change.subject.isPage ? scopeLifetime(change.subject) : Int64(settings.tombstone.milliseconds)
            arguments += [
                .text(CacheVersion.digits(change.version.number)), .text(CacheVersion.digits(change.version.position)),
                .text(generation), .integer(lifetime),
            ]
        }
        _ = try await redis.run(
            Self.changing, keys: changes.flatMap { [$0.subject.scope.text, $0.subject.entryName] },
            arguments: arguments, deadline: deadline)
    }

    private func generation() -> String {
        Base32.text(prefix: "", numbers: [Int64(environment.random() >> 2 | 1)])
    }

    /// A list's scope outlives every page that was filled under it, so that no page is ever taken for a new one's.
    private func scopeLifetime(_ subject: CacheSubject) -> Int64 {
        let page = settings.lifetime(of: subject.kind) * (1 + settings.jitter)
        return Int64((page + settings.staleIfError + settings.tombstone).milliseconds) + 1
    }
}

/// A change that was committed: of what, and from which version on an answer has it.
struct CacheChange: Sendable, Hashable {
    let subject: CacheSubject
    var version: CacheVersion
}
