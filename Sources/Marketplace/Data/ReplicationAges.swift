import DequeModule
import Postgres

/// How old each replica's data is, measured on our own clock: a replica is as old as the newest position of the primary
/// that it has replayed. No heartbeat row, no wall clocks; when the primary is away the samples stop and ages grow.
public struct ReplicationAges: Sendable {
    private struct Sample: Sendable {
        let position: WALPosition
        /// When the primary was last seen there.
        var seen: ContinuousClock.Instant
    }

    /// At five samples a second, about a minute and a half.
    private static let maximumSamples = 512
    /// Positions grow.
    private var samples: Deque<Sample> = []
    private var replayed: [Int: WALPosition] = [:]

    /// Nothing sampled yet.
    public init() {}

    /// The primary stands at a position now.
    public mutating func samplePrimary(_ position: WALPosition, at now: ContinuousClock.Instant) {
        if let last = samples.last, last.position >= position {
            if last.position == position {
                samples[samples.count - 1].seen = now
                return
            }
            // A primary that is behind the samples is another one: they say nothing about it.
            samples.removeAll()
        }
        samples.append(Sample(position: position, seen: now))
        if samples.count > Self.maximumSamples { samples.removeFirst() }
    }

    /// A replica has replayed up to a position.
    public mutating func sampleReplica(_ node: Int, _ position: WALPosition) {
        replayed[node] = position
    }

    /// How old a replica's data is; nil while it or the primary has never been seen. One that is behind every sample
    /// is at least as old as the oldest.
    public func age(of node: Int, at now: ContinuousClock.Instant) -> Duration? {
        guard let position = replayed[node], let oldest = samples.first else { return nil }
        return now - (samples.last { $0.position <= position } ?? oldest).seen
    }

    /// How long ago the primary was last seen.
    public func sincePrimary(at now: ContinuousClock.Instant) -> Duration? {
        samples.last.map { now - $0.seen }
    }
}
