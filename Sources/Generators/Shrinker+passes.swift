extension Shrinker {
    /// Leaves out stretches of choices, long ones first, from the end: what is decided last depends on the least.
    mutating func deleteChunks(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        var size = best.choices.count
        while size >= 1, !isExhausted {
            var end = best.choices.count
            while end >= size {
                var edited = best.choices
                edited.removeSubrange(end - size..<end)
                if try await attempt(edited, property) {
                    end = min(end, best.choices.count)
                } else {
                    end -= size > 4 ? size / 2 : 1
                }
            }
            size /= 2
        }
    }

    /// Leaves out what belongs together: an element with the choice that there is one, a command with its arguments.
    mutating func deleteSpans(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        var index = best.spans.count - 1
        while index >= 0, !isExhausted {
            var edited = best.choices
            edited.removeSubrange(best.spans[index])
            _ = try await attempt(edited, property)
            index = min(index, best.spans.count) - 1
        }
    }

    /// Makes what belongs together as simple as can be, all at once.
    mutating func zeroSpans(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        var index = best.spans.count - 1
        while index >= 0, !isExhausted {
            var edited = best.choices
            for position in best.spans[index] { edited[position] = 0 }
            _ = try await attempt(edited, property)
            index = min(index, best.spans.count) - 1
        }
    }

    /// Lowers each choice as far as it will go, by bisection.
    mutating func minimiseChoices(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        var position = 0
        while position < best.choices.count, !isExhausted {
            try await minimise([position], property)
            position += 1
        }
    }

    /// Lowers choices of the same value together, for a fault that needs two things to be equal.
    mutating func minimiseEqualChoices(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        for value in Set(best.choices).subtracting([0, 1]).sorted() where !isExhausted {
            let positions = best.choices.indices.filter { best.choices[$0] == value }
            if positions.count > 1 { try await minimise(positions, property) }
        }
    }

    private mutating func minimise(
        _ positions: [Int], isolation: isolated (any Actor)? = #isolation,
        _ property: (Value) async throws -> Void
    ) async throws {
        var low: UInt64 = 0
        var high = best.choices[positions[0]]
        // Below `low` it is known to hold, at `high` it is known to fail; where it is neither, this finds an edge.
        while low < high, let last = positions.last, last < best.choices.count, !isExhausted {
            let middle = low == 0 && high == best.choices[positions[0]] ? 0 : low + (high - low) / 2
            var edited = best.choices
            for position in positions { edited[position] = middle }
            if try await attempt(edited, property) {
                high = middle
            } else {
                low = middle + 1
            }
        }
    }

    /// Lowers a choice and leaves out a stretch behind it: a length is drawn first and its elements follow.
    mutating func lowerAndDelete(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        var position = 0
        while position < best.choices.count, !isExhausted {
            var hasHelped = false
            if best.choices[position] > 0 {
                for span in best.spans where span.lowerBound > position {
                    var edited = best.choices
                    edited[position] -= 1
                    edited.removeSubrange(span)
                    hasHelped = try await attempt(edited, property)
                    if hasHelped { break }
                }
            }
            if !hasHelped { position += 1 }
        }
    }

    /// Moves what one choice has too much to a later one, for a fault that needs a sum.
    mutating func shiftBetweenChoices(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        // Only neighbours up to this far: all pairs of a long case would cost too many runs.
        let reach = 8
        var first = 0
        while first < best.choices.count, !isExhausted {
            for second in first + 1..<max(min(first + 1 + reach, best.choices.count), first + 1) {
                var low: UInt64 = 0
                while first < best.choices.count, second < best.choices.count, low < best.choices[first] {
                    let amount = low == 0 ? best.choices[first] : (best.choices[first] - low + 1) / 2
                    var edited = best.choices
                    let (sum, overflow) = edited[second].addingReportingOverflow(amount)
                    edited[first] -= amount
                    edited[second] = sum
                    if overflow { break }
                    if try await !attempt(edited, property) {
                        low = best.choices[first] - amount + 1
                    }
                }
            }
            first += 1
        }
    }

    /// Exchanges neighbours that belong together, if the smaller comes first then: so that order means something when
    /// it is left.
    mutating func sortSpans(
        isolation: isolated (any Actor)? = #isolation, _ property: (Value) async throws -> Void
    ) async throws {
        var index = 0
        while index < best.spans.count, !isExhausted {
            let right = best.spans[index]
            for left in best.spans where left.upperBound == right.lowerBound {
                let edited =
                    best.choices[..<left.lowerBound] + best.choices[right] + best.choices[left]
                    + best.choices[right.upperBound...]
                if try await attempt(Array(edited), property) { break }
            }
            index += 1
        }
    }
}
