import CHiredis

/// Turns a stream of bytes into replies: hiredis's reader behind a ``ReplyScanner``.
///
/// hiredis calls back for each value; the callbacks copy it out of hiredis's buffer at once, so nothing that hiredis
/// owns is kept. The callbacks fit hiredis 0.14 and 1.x.
final class ReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let callbacks: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let builder = ReplyBuilder()
    private var scanner: ReplyScanner

    init(_ limits: ReplyLimits) {
        scanner = ReplyScanner(limits)
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: Self.makeCallbacks())
        guard let reader = redisReaderCreateWithFunctions(callbacks) else {
            // Nothing in this process can go on when so few bytes cannot be had.
            fatalError("hiredis: out of memory")
        }
        self.reader = reader
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
        // hiredis throws away an empty buffer above this size; a socket read of ours is 64 KiB at most.
        reader.pointee.maxbuf = 128 << 10
    }

    deinit {
        redisReaderFree(reader)
        callbacks.deallocate()
    }

    /// Reads on and appends the replies that are whole now.
    ///
    /// - Throws: when the stream can no longer be understood; replies before that point have been appended.
    func read(_ bytes: UnsafeRawBufferPointer, into replies: inout [RedisValue]) throws(ReplyScanner.Refusal) {
        let (safe, refusal) = scanner.scan(bytes)
        if safe > 0, let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) {
            guard redisReaderFeed(reader, start, safe) == REDIS_OK else { throw failure() }
        }
        while true {
            var token: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &token) == REDIS_OK else { throw failure() }
            guard token != nil, let reply = builder.take() else { break }
            replies.append(reply)
        }
        if let refusal { throw refusal }
    }

    private func failure() -> ReplyScanner.Refusal {
        let message = withUnsafeBytes(of: &reader.pointee.errstr) { text in
            String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        }
        return ReplyScanner.Refusal("hiredis: \(message)")
    }

    private static func makeCallbacks() -> redisReplyObjectFunctions {
        // hiredis wants a pointer to each value it had made and never follows it; null would mean out of memory.
        var callbacks = redisReplyObjectFunctions()
        callbacks.createString = { task, text, length in
            let bytes = UnsafeRawBufferPointer(start: text, count: length)
            switch task?.pointee.type {
            case REDIS_REPLY_STATUS: replyBuilder(of: task).add(.status(String(decoding: bytes, as: UTF8.self)))
            case REDIS_REPLY_ERROR:
                replyBuilder(of: task).add(.error(RedisServerError(message: String(decoding: bytes, as: UTF8.self))))
            default: replyBuilder(of: task).add(.bulk([UInt8](bytes)))
            }
            return UnsafeMutableRawPointer(bitPattern: 1)
        }
        callbacks.createArray = { task, count in
            replyBuilder(of: task).open(count: Int(count))
            return UnsafeMutableRawPointer(bitPattern: 1)
        }
        callbacks.createInteger = { task, value in
            replyBuilder(of: task).add(.integer(value))
            return UnsafeMutableRawPointer(bitPattern: 1)
        }
        callbacks.createNil = { task in
            replyBuilder(of: task).add(.null)
            return UnsafeMutableRawPointer(bitPattern: 1)
        }
        callbacks.freeObject = { _ in }
        return callbacks
    }
}

private func replyBuilder(of task: UnsafePointer<redisReadTask>?) -> ReplyBuilder {
    guard let pointer = task?.pointee.privdata else {
        // Set once when the reader is made, and handed on to every task by hiredis.
        preconditionFailure("hiredis lost its private data")
    }
    return Unmanaged<ReplyBuilder>.fromOpaque(pointer).takeUnretainedValue()
}
