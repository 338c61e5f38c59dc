import CSystemShims
import Foundation

/// A workload with everything that belongs around it: what the marketplace sells, the books before and after, and the
/// sampler.
struct MeasuredLoad {
    let workload: Workload
    let instruments: Instruments
    let catalogue: Catalogue
    /// The group of every store.
    let groups: [String: PostgresGroup]

    /// Learns what the marketplace sells.
    /// - Throws: ``CatalogueReader/Failure`` when it cannot be learnt.
    init(_ workload: Workload, topology: Topology, instruments: Instruments) async throws {
        guard !instruments.caller.servers.isEmpty else {
            throw CatalogueReader.Failure(
                description: "the topology \(topology.name) has no service to send the load to: "
                    + "add one under `nodes`")
        }
        self.workload = workload
        self.instruments = instruments
        let groups = PostgresGroup.all(in: topology)
        let catalogue = try await CatalogueReader(
            caller: instruments.caller, groups: groups, clock: instruments.clock
        ).learn()
        self.catalogue = catalogue
        let byName = Dictionary(uniqueKeysWithValues: groups.map { ($0.name, $0) })
        self.groups = Dictionary(
            catalogue.stores.compactMap { store in byName[store.group].map { (store.id, $0) } }
        ) { first, _ in first }
    }

    /// Below zero: before what is measured, when both want the processor. A generator that waits its turn sends late,
    /// and takes its own lateness for the service's.
    private static let nice: Int32 = -10
    /// Of the whole session, which the kernel weighs against containers first: it would leave it a tenth of a
    /// processor, and a generator takes a third. Not beside processes, which are sessions of the same weight: there it
    /// starved the services in the instant of a kill.
    private static let sessionNice = -15
    /// The pool of threads that tasks run on grows and shrinks; a new one begins without the preference.
    private static let renewal = Duration.milliseconds(250)

    /// Returns once the priority is what it was: a process that ends before would leave it to its session.
    private static func restore(_ preference: Task<Void, Never>) async {
        preference.cancel()
        await preference.value
    }

    struct End {
        var droppedArrivals: Int
    }

    /// Keeps the load up while `body` runs, and returns once every order is settled and the books are read.
    func during(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
    ) async throws -> End {
        let session = LoadSession(
            workload, catalogue: catalogue, caller: instruments.caller, recorder: instruments.recorder,
            delays: instruments.delays, seed: instruments.seed,
            tag: "\(instruments.tag)-\(instruments.recorder.count)")
        let reads = SettledReads(catalogue: catalogue, caller: instruments.caller, recorder: instruments.recorder)
        // Far enough back that a server's clock may differ by some seconds.
        let since = Date(timeIntervalSince1970: instruments.wallClock() - 10).formatted(.iso8601)
        if workload.hasOrders { await reads.run("initial", createdAfter: since) }
        let preference = Task { [clock = instruments.clock, isBesideContainers = instruments.isBesideContainers] in
            let before = isBesideContainers ? SessionPriority().set(Self.sessionNice) : nil
            repeat {
                _ = seaworthy_prefer_present_threads(Self.nice)
            } while (try? await clock.pause(Self.renewal)) != nil
            _ = seaworthy_prefer_present_threads(0)
            if let before { _ = SessionPriority().set(before) }
        }
        let watch = ProcessorWatch(instruments.delays)
        watch.start()
        defer { watch.stop() }
        let load = Task { await session.run() }
        let sampler = instruments.sampler
        let sampling = Task { await sampler.run() }
        defer { sampling.cancel() }
        do {
            try await body()
            session.stop()
            await load.value
        } catch {
            session.stop()
            load.cancel()
            await load.value
            await Self.restore(preference)
            throw error
        }
        await Self.restore(preference)
        if workload.hasOrders { await reads.run("final", createdAfter: since) }
        await reads.products(of: session.desk.sessions)
        return End(droppedArrivals: session.droppedArrivals)
    }
}
