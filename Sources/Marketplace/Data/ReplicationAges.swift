import DequeModule
import Postgres

/// How old each replica's data is, measured on our own clock: a replica is as old as the newest position of the primary
/// that it has replayed. No heartbeat row, no wall clocks; when the primary is away the samples stop and ages grow.
public struct ReplicationAges: Sendable {
    private struct Sample: Sendable {
        let position: WALPosition
        /// When the primary was last seen there: whatever was committed before has a smaller position.
        var seen: ContinuousClock.Instant
    }

    /// At five samples a second, about a minute and a half.
    private static let maximumSamples = 512
    /// Positions grow.
    private var samples: Deque<Sample> = []
    private var timeline: UInt32 = 0
    private var replayed: [Int: WALPosition] = [:]

    /// Nothing sampled yet.
    public init() {}

    /// The primary stands at a position.
    /// - Parameter now: when it was asked, not when it answered, so that ages err to the greater side.
    public mutating func samplePrimary(_ position: ShardPosition, at now: ContinuousClock.Instant) {
        if position.timeline != timeline {
            // What another timeline's positions counted says nothing about this one's.
            samples.removeAll()
            timeline = position.timeline
        }
        if let last = samples.last, last.position >= position.wal {
            if last.position == position.wal {
                samples[samples.count - 1].seen = now
                return
            }
            samples.removeAll()
        }
        samples.append(Sample(position: position.wal, seen: now))
        if samples.count > Self.maximumSamples { samples.removeFirst() }
    }

    /// A replica has replayed up to a position.
    public mutating func sampleReplica(_ node: Int, _ position: WALPosition) {
        replayed[node] = position
    }

    /// How old a replica's data is; nil while it or the primary has never been seen. One that is behind every sample
    /// is at least as old as the oldest; see ``isKnown(_:)``.
    public func age(of node: Int, at now: ContinuousClock.Instant) -> Duration? {
        newestReplayed(by: node).map { now - $0.seen }
    }

    /// How far a replica is behind the last sign of the primary, whenever that was; as ``age(of:at:)``.
    public func lag(of node: Int) -> Duration? {
        guard let newest = samples.last, let replayed = newestReplayed(by: node) else { return nil }
        return newest.seen - replayed.seen
    }

    /// Whether a replica has replayed any of the samples: else it may be older than its age says.
    public func isKnown(_ node: Int) -> Bool {
        guard let position = replayed[node], let oldest = samples.first else { return false }
        return position >= oldest.position
    }

    /// Whether the primary has ever been seen on its timeline.
    public var hasSamples: Bool { !samples.isEmpty }

    /// How long ago the primary was last seen.
    public func sincePrimary(at now: ContinuousClock.Instant) -> Duration? {
        samples.last.map { now - $0.seen }
    }

    /// By halving, since a replica that lags is asked about with every read.
    private func newestReplayed(by node: Int) -> Sample? {
        guard let position = replayed[node], let oldest = samples.first else { return nil }
        var (low, high) = (0, samples.count)
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].position <= position { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? oldest : samples[low - 1]
    }
}
