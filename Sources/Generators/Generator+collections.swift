extension Generator {
    /// An array; shrinks to fewer and simpler elements.
    public static func array<Element>(
        of element: Generator<Element>, count: ClosedRange<Int>
    ) -> Generator where Value == [Element] {
        precondition(count.lowerBound >= 0, "an array cannot have \(count.lowerBound) elements")
        return Generator { (source: inout ChoiceSource) throws(Rejection) in
            try source.elements(count: count) { (source: inout ChoiceSource) throws(Rejection) in
                try element.draw(from: &source)
            }
        }
    }

    /// A string of some characters; shrinks to fewer, and earlier ones of the alphabet.
    public static func string(
        of alphabet: String = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 -_'\"\\%;{}\u{0}\né漢🚢",
        count: ClosedRange<Int>
    ) -> Generator where Value == String {
        Generator<[Character]>.array(of: .element(of: Array(alphabet)), count: count).map { String($0) }
    }

    /// An array of bytes; shrinks to fewer and smaller ones.
    public static func bytes(count: ClosedRange<Int>) -> Generator where Value == [UInt8] {
        array(of: .int(in: 0...255), count: count)
    }

    /// The given elements in some order; shrinks to theirs.
    public static func permutation<Element: Sendable>(of elements: [Element]) -> Generator where Value == [Element] {
        Generator { (source: inout ChoiceSource) throws(Rejection) in
            // Fisher-Yates, where a choice of zero leaves an element where it is.
            var shuffled = elements
            for index in elements.indices.dropLast() {
                let offset = Int(try source.draw(upTo: UInt64(elements.count - 1 - index)))
                shuffled.swapAt(index, index + offset)
            }
            return shuffled
        }
    }
}

extension ChoiceSource {
    /// Draws elements, each after the choice that there is one: so removing an element is removing one stretch of
    /// choices.
    mutating func elements<Element>(
        count: ClosedRange<Int>, _ body: (inout ChoiceSource) throws(Rejection) -> Element?
    ) throws(Rejection) -> [Element] {
        let aim = count.lowerBound + Int(hint(upTo: UInt64(count.upperBound - count.lowerBound)))
        var elements: [Element] = []
        var isOver = false
        while elements.count < count.upperBound, !isOver {
            let element = try span { (source: inout ChoiceSource) throws(Rejection) -> Element? in
                if elements.count >= count.lowerBound {
                    let hasMore = UInt64(elements.count < aim ? 1 : 0)
                    guard try source.draw(upTo: 1, pick: { _ in hasMore }) == 1 else { return nil }
                }
                return try body(&source)
            }
            if let element { elements.append(element) } else { isOver = true }
        }
        return elements
    }
}

/// Several values at once, each of its own generator.
public func zip<each Value: Sendable>(_ generator: repeat Generator<each Value>) -> Generator<(repeat each Value)> {
    Generator { (source: inout ChoiceSource) throws(Rejection) in
        (repeat try (each generator).draw(from: &source))
    }
}
