import Synchronization
import SystemPackage

/// Writes a history line by line. Index and time are given out under one lock, so the file is in the order of both.
///
/// Lines gather in a buffer of bounded size and are written when it is full; a failed write is kept and thrown by
/// ``flush()``, so that recording never disturbs the load.
public final class HistoryRecorder: Sendable {
    /// Lines are written once this many bytes have gathered.
    public static let bufferBytes = 64 * 1024
    /// More events than this are refused; the run's verdict is then unknown.
    public static let maximumEvents = 2_000_000

    /// Gives events their time.
    public let clock: RunClock
    private let state: Mutex<State>

    private struct State {
        var events: [HistoryEvent] = []
        var writer = JSONWriter(reserving: HistoryRecorder.bufferBytes + 4096)
        var file: FileDescriptor?
        var failure: Errno?
        var refused = 0
    }

    /// - Parameter path: the file to create; nil keeps the history in memory only.
    /// - Throws: `Errno` when the file cannot be created.
    public init(path: FilePath?, clock: RunClock) throws {
        self.clock = clock
        let file = try path.map {
            try FileDescriptor.open(
                $0, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite, .groupRead])
        }
        state = Mutex(State(file: file))
    }

    /// Records one event at the present time and returns its index; nil once the history is full.
    @discardableResult
    public func record(
        _ process: HistoryEvent.Process, _ type: HistoryEvent.Kind, _ function: String, key: String? = nil,
        value: JSONValue = .null
    ) -> Int? {
        state.withLock { state in
            guard state.events.count < Self.maximumEvents else {
                state.refused += 1
                return nil
            }
            let event = HistoryEvent(
                index: state.events.count, time: clock.now(), process: process, type: type, function: function,
                key: key, value: value)
            state.events.append(event)
            event.write(to: &state.writer)
            if state.writer.bytes.count >= Self.bufferBytes { Self.drain(&state) }
            return event.index
        }
    }

    /// How many events there are so far; the index of the next one.
    public var count: Int { state.withLock { $0.events.count } }

    /// How many events found the history full.
    public var refused: Int { state.withLock { $0.refused } }

    /// The events from this index on.
    public func events(from index: Int = 0) -> [HistoryEvent] {
        state.withLock { index < $0.events.count ? Array($0.events[index...]) : [] }
    }

    /// Writes what has gathered.
    /// - Throws: the first `Errno` that any write met.
    public func flush() throws {
        try state.withLock { state in
            Self.drain(&state)
            if let failure = state.failure { throw failure }
        }
    }

    /// Flushes and closes the file; later events stay in memory.
    public func close() throws {
        try flush()
        try state.withLock { state in
            try state.file?.close()
            state.file = nil
        }
    }

    private static func drain(_ state: inout State) {
        defer { state.writer.removeAll() }
        guard let file = state.file, state.failure == nil, !state.writer.bytes.isEmpty else { return }
        do {
            try file.writeAll(state.writer.bytes)
        } catch {
            state.failure = error as? Errno ?? .ioError
        }
    }
}
