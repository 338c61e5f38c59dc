/// The states that one server reported of one dependency's breaker, look by look.
struct BreakerTimeline {
    var server: String
    var looks: [(time: Int64, state: String)]

    /// A state seen for the first time, and the last look at which it was another.
    struct Change {
        var seen: Int64
        var notBefore: Int64
    }

    /// One timeline for each server that reported this breaker, by name.
    static func all(of dependency: String, in metrics: [MetricsSample]) -> [BreakerTimeline] {
        var looks: [String: [(time: Int64, state: String)]] = [:]
        for sample in metrics {
            if case .readiness(_, let breakers, _) = sample.content, let state = breakers[dependency] {
                looks[sample.source, default: []].append((sample.time, state))
            }
        }
        return looks.sorted { $0.key < $1.key }.map { BreakerTimeline(server: $0.key, looks: $0.value) }
    }

    /// The first look within the range at a wanted state.
    func first(in range: Range<Int64>, where isWanted: (String) -> Bool) -> Change? {
        guard let position = looks.firstIndex(where: { range.contains($0.time) && isWanted($0.state) }) else {
            return nil
        }
        let before = position > 0 ? looks[position - 1].time : range.lowerBound
        return Change(seen: looks[position].time, notBefore: max(before, range.lowerBound))
    }

    /// From when on every look, of those after `start`, was at a wanted state; nil when the last one was not.
    func settled(from start: Int64, where isWanted: (String) -> Bool) -> Change? {
        let after = looks.filter { $0.time >= start }
        guard let last = after.last, isWanted(last.state) else { return nil }
        guard let bad = after.lastIndex(where: { !isWanted($0.state) }) else {
            return Change(seen: after[0].time, notBefore: start)
        }
        return Change(seen: after[bad + 1].time, notBefore: after[bad].time)
    }
}
