/// Finds the stretch of the 64-bit number line that a number lies in, in constant time: a jump table over the number's
/// high bits says where to begin, and from there a step or two lead to the answer.
///
/// There are four to eight times as many slots as segments, so that of evenly spread numbers nearly all find their
/// segment at the first look; `Tests/Properties` bounds the steps of the worst.
struct SegmentTable: Sendable {
    /// From here to the next segment's beginning.
    struct Segment: Sendable, Hashable {
        let from: UInt64
        let owner: Int
    }

    /// In order; the first begins at 0.
    private let starts: [UInt64]
    private let owners: [UInt16]
    /// By the high bits: the segment that the slot's first number lies in.
    private let jumps: [Int32]
    private let shift: UInt64

    private static let slotsPerSegment = 4

    /// - Parameter segments: in order, the first from 0, each beginning once.
    init(_ segments: [Segment]) {
        precondition(segments.first?.from == 0, "the first segment begins at 0")
        starts = segments.map(\.from)
        owners = segments.map { UInt16($0.owner) }
        var bits: UInt64 = 4
        while 1 << bits < segments.count * Self.slotsPerSegment { bits += 1 }
        shift = 64 - bits
        var jumps: [Int32] = []
        jumps.reserveCapacity(1 << bits)
        var segment = 0
        for slot in 0..<(UInt64(1) << bits) {
            let first = slot << shift
            while segment + 1 < starts.count, starts[segment + 1] <= first { segment += 1 }
            jumps.append(Int32(segment))
        }
        self.jumps = jumps
    }

    /// Who owns the segment that a number lies in.
    func owner(of number: UInt64) -> Int {
        var segment = Int(jumps[Int(truncatingIfNeeded: number >> shift)])
        while segment + 1 < starts.count, starts[segment + 1] <= number { segment += 1 }
        return Int(owners[segment])
    }

    /// How many segments begin within one slot at most: the steps of the slowest look-up.
    var maximumSteps: Int {
        var most = 0
        for slot in jumps.indices {
            let last = slot + 1 < jumps.count ? Int(jumps[slot + 1]) : starts.count - 1
            most = max(most, last - Int(jumps[slot]))
        }
        return most
    }

    /// How much of the number line each owner has, from 0 to 1.
    func shares(owners count: Int) -> [Double] {
        var shares = [Double](repeating: 0, count: count)
        for index in starts.indices {
            let end = index + 1 < starts.count ? Double(starts[index + 1]) : 0x1p64
            shares[Int(owners[index])] += (end - Double(starts[index])) * 0x1p-64
        }
        return shares
    }

    var segmentCount: Int { starts.count }
}
