import DequeModule

/// The commands of one connection that have no reply yet, in order: replies carry no number, so the order is all there
/// is to match them by. A caller that gave up leaves its place behind, and the reply that comes for it is dropped.
struct ReplyQueue<Caller> {
    typealias Instant = ContinuousClock.Instant

    private struct Unsent {
        let ticket: UInt64
        /// nil once the caller gave up: the command is then never sent.
        var caller: Caller?
        var bytes: [UInt8]
        let shape: ReplyShape
        let deadline: Instant
    }

    private struct Sent {
        let ticket: UInt64
        /// nil once the caller gave up.
        var caller: Caller?
        let byteCount: Int
        let shape: ReplyShape
        let deadline: Instant
        let sentAt: Instant
    }

    private var unsent = Deque<Unsent>()
    private var sent = Deque<Sent>()
    private var givenUpUnsent = 0
    private var lastTicket: UInt64 = 0
    /// Encoded bytes of all commands without a reply.
    private(set) var byteCount = 0
    /// No deadline of a waiting caller is before this; nil when none waits.
    private(set) var earliestDeadline: Instant?

    /// Commands without a reply, given up or not.
    var count: Int { sent.count + unsent.count - givenUpUnsent }
    var hasUnsent: Bool { unsent.count > givenUpUnsent }
    var unsentByteCount: Int { unsent.reduce(0) { $0 + $1.bytes.count } }
    /// When the command was sent whose reply comes next.
    var oldestSentAt: Instant? { sent.first?.sentAt }

    /// Adds a command that is to be sent; returns the ticket by which its caller can give up.
    mutating func append(_ caller: Caller, _ bytes: [UInt8], _ shape: ReplyShape, deadline: Instant) -> UInt64 {
        lastTicket += 1
        unsent.append(Unsent(ticket: lastTicket, caller: caller, bytes: bytes, shape: shape, deadline: deadline))
        byteCount += bytes.count
        earliestDeadline = earliestDeadline.map { min($0, deadline) } ?? deadline
        return lastTicket
    }

    /// Moves all unsent commands to those awaiting a reply and hands their bytes to `write`, in order.
    mutating func send(at now: Instant, _ write: ([UInt8]) -> Void) {
        while let command = unsent.popFirst() {
            guard let caller = command.caller else { continue }
            write(command.bytes)
            sent.append(
                Sent(
                    ticket: command.ticket, caller: caller, byteCount: command.bytes.count, shape: command.shape,
                    deadline: command.deadline,
                    sentAt: now))
        }
        givenUpUnsent = 0
    }

    /// Takes the place whose reply has come; nil when no reply is awaited. Its caller is nil when it gave up.
    mutating func popSent() -> (caller: Caller?, shape: ReplyShape)? {
        guard let command = sent.popFirst() else { return nil }
        byteCount -= command.byteCount
        return (command.caller, command.shape)
    }

    /// Lets a caller give up; nil when it was answered before, else the caller and whether its command was sent.
    mutating func giveUp(_ ticket: UInt64) -> (caller: Caller, wasSent: Bool)? {
        if let index = sent.firstIndex(ofTicket: ticket, \.ticket), let caller = sent[index].caller {
            sent[index].caller = nil
            return (caller, true)
        }
        if let index = unsent.firstIndex(ofTicket: ticket, \.ticket), let caller = unsent[index].caller {
            giveUpUnsent(at: index)
            compact()
            return (caller, false)
        }
        return nil
    }

    /// Gives up for all callers whose deadline has come.
    mutating func expire(at now: Instant, _ expired: (Caller, _ wasSent: Bool) -> Void) {
        guard let earliest = earliestDeadline, earliest <= now else { return }
        earliestDeadline = nil
        for index in sent.indices {
            guard let caller = sent[index].caller else { continue }
            if sent[index].deadline <= now {
                sent[index].caller = nil
                expired(caller, true)
            } else {
                note(sent[index].deadline)
            }
        }
        for index in unsent.indices {
            guard let caller = unsent[index].caller else { continue }
            if unsent[index].deadline <= now {
                giveUpUnsent(at: index)
                expired(caller, false)
            } else {
                note(unsent[index].deadline)
            }
        }
        compact()
    }

    /// Empties the places that await a reply, which will not come.
    mutating func removeSent(_ lost: (Caller) -> Void) {
        while let command = sent.popFirst() {
            byteCount -= command.byteCount
            if let caller = command.caller { lost(caller) }
        }
    }

    /// Empties the places that were not sent.
    mutating func removeUnsent(_ refused: (Caller) -> Void) {
        while let command = unsent.popFirst() {
            byteCount -= command.bytes.count
            if let caller = command.caller { refused(caller) }
        }
        givenUpUnsent = 0
    }

    private mutating func note(_ deadline: Instant) {
        earliestDeadline = earliestDeadline.map { min($0, deadline) } ?? deadline
    }

    private mutating func giveUpUnsent(at index: Int) {
        byteCount -= unsent[index].bytes.count
        unsent[index].caller = nil
        unsent[index].bytes = []
        givenUpUnsent += 1
    }

    /// Removes what was given up once it is most of the queue, so that each removal is paid for by those before it.
    private mutating func compact() {
        if givenUpUnsent > 32, givenUpUnsent * 2 > unsent.count {
            unsent.removeAll { $0.caller == nil }
            givenUpUnsent = 0
        }
    }
}

extension Deque {
    /// Where the element with this ticket is; the elements are in the order of their tickets.
    fileprivate func firstIndex(ofTicket ticket: UInt64, _ ticketOf: (Element) -> UInt64) -> Int? {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if ticketOf(self[middle]) < ticket { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && ticketOf(self[low]) == ticket ? low : nil
    }
}
