// Dispatch sources may be used from any thread; the module does not say so to the compiler yet.
@preconcurrency import Dispatch
import Foundation

/// Ctrl-C and SIGTERM as something to wait for, so that what is in force can be healed first.
struct Interruption: Sendable {
    private let signals: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
        signals = stream
    }

    /// Returns at the first signal, also one that came before, or when the task is cancelled.
    func wait() async {
        for await _ in signals { return }
    }

    /// Returns at the first signal or after `limit`.
    func wait(limit: Duration?, sleep: @escaping @Sendable (Duration) async throws -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await wait() }
            if let limit { group.addTask { try? await sleep(limit) } }
            await group.next()
            group.cancelAll()
        }
    }
}
