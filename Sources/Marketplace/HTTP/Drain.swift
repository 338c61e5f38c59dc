import Logging
import ServiceLifecycle
import Synchronization

/// The first part of stopping: readiness says no and every answer closes its connection, while new requests are still
/// taken, so that a balancer can turn away and no accepted request fails.
public final class Drain: Service {
    private let draining = Atomic<Bool>(false)
    private let duration: Duration
    private let environment: Environment
    private let logger: Logger
    private let started = Mutex<(@Sendable () -> Void)?>(nil)

    /// Makes one that is open.
    public init(duration: Duration, environment: Environment, logger: Logger) {
        self.duration = duration
        self.environment = environment
        self.logger = logger
    }

    /// Has something done as soon as the server was told to stop.
    public func onStart(_ action: @escaping @Sendable () -> Void) {
        started.withLock { $0 = action }
    }

    /// Whether new work should go elsewhere.
    public var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Waits for the signal to stop, then drains. The group stops its services one after another from the last, so
    /// this one has to stand last: the HTTP server hears of it only when this returns.
    public func run() async throws {
        // Cancelled: another service has failed, and there is nothing to drain.
        do { try await gracefulShutdown() } catch { return }
        draining.store(true, ordering: .relaxed)
        started.withLock { $0 }?()
        logger.info("draining", metadata: ["for": "\(duration)"])
        try? await environment.sleep(for: duration)
    }
}
