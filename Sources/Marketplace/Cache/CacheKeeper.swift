import ServiceLifecycle

/// What the cache does by itself while its server runs: warms up, tells Redis what it is owed, notes what is wanted.
struct CacheKeeper: Service {
    let cache: TieredCache
    let warmUp: WarmUp
    let connections: Connections
    let environment: Environment

    /// How often owed changes are told; also the pace of everything else.
    private static let pace = Duration.milliseconds(100)
    /// Paces between two notes of what is wanted.
    private static let pacesPerNote = 30

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await cancelWhenGracefulShutdown { await warm() } }
            group.addTask { await cancelWhenGracefulShutdown { await keep() } }
        }
    }

    private func warm() async {
        while !connections.hasStarted {
            do { try await environment.sleep(for: .milliseconds(5)) } catch { return }
        }
        await warmUp.run()
    }

    private func keep() async {
        var paces = 0
        while !Task.isCancelled {
            do { try await environment.sleep(for: Self.pace) } catch { return }
            paces += 1
            cache.metrics.memoryBytes.set(Double(cache.memory.bytes))
            cache.metrics.memoryEntries.set(Double(cache.memory.count))
            let isCoherent = cache.coherence?.isVouched(at: environment.now()) == true
            cache.metrics.coherent.set(isCoherent ? 1 : 0)
            while !Task.isCancelled, await cache.settleSome() {}
            if paces % Self.pacesPerNote == 0 { await warmUp.note() }
        }
    }
}
