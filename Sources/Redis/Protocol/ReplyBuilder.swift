/// Puts the values that hiredis meets, outermost and leftmost first, together to one reply.
final class ReplyBuilder {
    private struct Frame {
        var elements: [RedisValue] = []
        var missing: Int
    }

    private var frames: [Frame] = []
    private var finished: RedisValue?

    /// Begins an array of `count` values.
    func open(count: Int) {
        guard count > 0 else { return add(.array([])) }
        var frame = Frame(missing: count)
        // The count is only announced; what is reserved grows with what has come.
        frame.elements.reserveCapacity(min(count, 1024))
        frames.append(frame)
    }

    /// Adds a value to the innermost open array.
    func add(_ value: RedisValue) {
        var value = value
        while !frames.isEmpty {
            let last = frames.count - 1
            frames[last].elements.append(value)
            frames[last].missing -= 1
            if frames[last].missing > 0 { return }
            value = .array(frames.removeLast().elements)
        }
        finished = value
    }

    /// The reply, once whole.
    func take() -> RedisValue? {
        defer { finished = nil }
        return finished
    }
}
