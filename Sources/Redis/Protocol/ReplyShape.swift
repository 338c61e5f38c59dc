/// What kind of reply a command can have, errors aside.
///
/// Replies carry no number, so one reply too many or too few would hand every later one to the wrong caller. A reply of
/// the wrong kind is the sign of that, and ends the connection. One flipped bit does it: `:2` then reads `*2`.
enum ReplyShape: Sendable, Hashable {
    case any
    /// A string or null.
    case bulk
    case integer
    /// A status or null.
    case status
    case array(count: Int)
    /// An array of names and values in turn.
    case pairs

    func allows(_ value: RedisValue) -> Bool {
        switch (self, value) {
        case (.any, _), (_, .error), (.bulk, .bulk), (.bulk, .null), (.integer, .integer), (.status, .status),
            (.status, .null):
            true
        case (.array(let count), .array(let elements)): elements.count == count
        case (.pairs, .array(let elements)): elements.count.isMultiple(of: 2)
        default: false
        }
    }
}
