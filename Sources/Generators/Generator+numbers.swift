extension Generator where Value: FixedWidthInteger {
    /// An integer of a range. Shrinks towards zero, or the end of the range that is nearest to it.
    ///
    /// The ends and small numbers come up more often than chance would have it, since that is where faults live.
    public static func int(in range: ClosedRange<Value>) -> Generator {
        let origin = min(max(0, range.lowerBound), range.upperBound)
        let above = distance(from: origin, to: range.upperBound)
        let below = distance(from: origin, to: range.lowerBound)
        return Generator { (source: inout ChoiceSource) throws(Rejection) in
            let bound = max(above, below)
            let size = try source.draw(upTo: bound) { random in edgy(upTo: bound, &random) }
            let isBelow =
                size > above ? true : size > below || size == 0 ? false : try source.draw(upTo: 1) == 1
            let offset = Value(truncatingIfNeeded: size)
            return isBelow ? origin &- offset : origin &+ offset
        }
    }

    /// How far two numbers are apart; exact for every width up to 64 bits.
    private static func distance(from origin: Value, to end: Value) -> UInt64 {
        end >= origin
            ? UInt64(truncatingIfNeeded: end) &- UInt64(truncatingIfNeeded: origin)
            : UInt64(truncatingIfNeeded: origin) &- UInt64(truncatingIfNeeded: end)
    }

    /// One in sixteen is the bound, one in four is of a random number of bits, the rest is even.
    private static func edgy(upTo bound: UInt64, _ random: inout Xoshiro256) -> UInt64? {
        switch random.next() % 16 {
        case 0: bound
        case 1...4: random.next() >> UInt64.random(in: UInt64(bound.leadingZeroBitCount % 64)...63, using: &random)
        default: nil
        }
    }
}

extension Generator where Value == Bool {
    /// True or false; shrinks to false.
    public static let bool = Generator { (source: inout ChoiceSource) throws(Rejection) in
        try source.draw(upTo: 1) == 1
    }
}

extension Generator where Value == Double {
    /// A number from 0 to 1, in steps of 2⁻⁵³; shrinks to 0.
    public static let unit = Generator { (source: inout ChoiceSource) throws(Rejection) in
        Double(try source.draw(upTo: (1 << 53) - 1)) / Double(UInt64(1) << 53)
    }
}
