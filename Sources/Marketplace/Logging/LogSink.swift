import Dispatch
import Foundation
import Synchronization

/// Takes log lines without making their writers wait: a bounded buffer that one queue empties into a file. When the
/// reader of the file is too slow, lines are dropped and counted, never the server stopped.
public final class LogSink: Sendable {
    /// Bytes that may wait.
    public static let maximumBufferedBytes = 4 << 20

    private static let delay = DispatchTimeInterval.milliseconds(10)

    private struct Buffer {
        var bytes: [UInt8] = []
        var isDraining = false
    }

    private let buffer = Mutex(Buffer())
    private let queue = DispatchQueue(label: "seaworthy.log")
    private let descriptor: Int32
    private let dropped: Counter

    /// - Parameter descriptor: the open file that lines go to; standard output unless told.
    public init(descriptor: Int32 = 1, dropped: Counter) {
        self.descriptor = descriptor
        self.dropped = dropped
    }

    /// Takes one line without its end.
    public func write(_ line: [UInt8]) {
        let shouldDrain = buffer.withLock { buffer in
            guard buffer.bytes.count + line.count < Self.maximumBufferedBytes else {
                dropped.add()
                return false
            }
            buffer.bytes.append(contentsOf: line)
            buffer.bytes.append(UInt8(ascii: "\n"))
            defer { buffer.isDraining = true }
            return !buffer.isDraining
        }
        // A little later, so that a burst of lines wakes the queue once.
        if shouldDrain { queue.asyncAfter(deadline: .now() + Self.delay) { self.drain() } }
    }

    /// Returns when everything taken so far is written.
    public func flush() {
        queue.sync { drain() }
    }

    private func drain() {
        while true {
            let bytes: [UInt8] = buffer.withLock { buffer in
                defer { buffer.bytes.removeAll(keepingCapacity: buffer.bytes.capacity < 1 << 16) }
                buffer.isDraining = !buffer.bytes.isEmpty
                return buffer.bytes
            }
            if bytes.isEmpty { return }
            // A reader that is gone is no reason to stop serving.
            try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: bytes)
        }
    }
}
