import Testing

@testable import Chaos

/// The load generator against a server over real sockets.
@Suite struct LoadSessionTests {
    struct Stage: Sendable {
        let instruments: Instruments
        let load: MeasuredLoad
    }

    private func onStage<T: Sendable>(
        _ market: FakeMarketplace, _ workload: Workload, _ body: @escaping @Sendable (Stage) async throws -> T
    ) async throws -> T {
        try await market.serve { address in
            let client = ServiceCaller.makeClient()
            do {
                let instruments = try Instruments(
                    services: ["server-0": address, "server-1": address], bundle: nil, seed: 7, client: client)
                let load = try await MeasuredLoad(
                    workload, topology: ExperimentReaderTests.topology, instruments: instruments)
                let value = try await body(Stage(instruments: instruments, load: load))
                try await client.shutdown()
                return value
            } catch {
                try? await client.shutdown()
                throw error
            }
        }
    }

    private func operations(
        _ market: FakeMarketplace, _ workload: Workload, until enough: @escaping @Sendable (HistoryRecorder) -> Bool
    ) async throws -> RecordedRun {
        try await onStage(market, workload) { stage in
            let start = stage.instruments.clock.now()
            _ = try await stage.load.during {
                try await eventually("enough operations") { enough(stage.instruments.recorder) }
            }
            return RecordedRun(
                operations: Operation.pair(stage.instruments.recorder.events()),
                facts: RunFacts(
                    baseline: start..<stage.instruments.clock.now(), groups: stage.load.groups),
                metrics: stage.instruments.sampler.samples())
        }
    }

    @Test("it learns where stores live, reads them all over both servers, and every operation ends")
    func browse() async throws {
        let run = try await operations(FakeMarketplace(), .browse(rate: 200)) { $0.count > 300 }
        let reads = run.operations.filter(\.isRead)
        #expect(run.facts.groups.mapValues(\.name) == ["a": "shard-0", "b": "shard-1"])
        #expect(Set(reads.compactMap(\.server)) == ["server-0", "server-1"])
        #expect(Set(reads.compactMap(\.group)) == ["shard-0", "shard-1"])
        #expect(Set(reads.compactMap(\.node)) == ["shard-0-replica-1", "shard-1-replica-1"])
        #expect(reads.allSatisfy { $0.outcome == .ok && ($0.latency ?? -1) > 0 })
    }

    @Test("double clicks share a key and get one order; the books add up")
    func doubleClicks() async throws {
        let market = FakeMarketplace()
        let run = try await operations(market, .order(rate: 100, doubleClick: 0.5)) { $0.count > 300 }
        let attempts = Dictionary(grouping: run.operations.filter(\.isOrder)) { $0.key ?? "" }
        #expect(attempts.values.contains { $0.count == 2 })
        for checker in [NoDoubleOrder(), StockConservation(), AcknowledgedOrders()] as [any Checker] {
            let finding = checker.check(run)
            #expect(finding.verdict == .held, "\(finding.summary) \(finding.notes)")
        }
    }

    @Test("without idempotency the double clicks are found out")
    func withoutIdempotency() async throws {
        let market = FakeMarketplace()
        market.behaviour.isIdempotent = false
        let run = try await operations(market, .order(rate: 100, doubleClick: 0.5)) { $0.count > 300 }
        let finding = NoDoubleOrder().check(run)
        #expect(finding.verdict == .broken)
        #expect(finding.proofs.count >= 2)
        #expect(StockConservation().check(run).verdict == .held)
    }

    @Test("an unknown outcome is asked again with its key until it is settled")
    func unknownOutcomes() async throws {
        let market = FakeMarketplace()
        market.behaviour.swallowsFirstAnswer = true
        let run = try await operations(market, .order(rate: 50, doubleClick: 0)) { $0.count > 200 }
        let attempts = Dictionary(grouping: run.operations.filter(\.isOrder)) { $0.key ?? "" }
        #expect(!attempts.isEmpty)
        for (key, list) in attempts {
            // On a busy machine a second answer may be late as well.
            let outcomes = list.map(\.outcome)
            let areLate = outcomes.count >= 2 && outcomes.dropLast().allSatisfy { $0 == .info }
            #expect(areLate && outcomes.last == .ok, "\(key): \(list.map(\.summary))")
            #expect(list.last?.isReplay == true)
        }
        #expect(NoDoubleOrder().check(run).verdict == .held)
    }

    @Test("an order that takes effect while the books are read makes nobody a liar: they are read again")
    func lateOrders() async throws {
        let market = FakeMarketplace()
        let run = try await operations(market, .order(rate: 100, doubleClick: 0)) { recorder in
            guard recorder.count > 100 else { return false }
            market.behaviour.lateOrders = 3
            return true
        }
        #expect(market.behaviour.lateOrders == 0)
        let finding = StockConservation().check(run)
        #expect(finding.verdict == .held, "\(finding.summary): \(finding.notes)")
    }

    @Test("what is refused is not asked again")
    func refused() async throws {
        let market = FakeMarketplace()
        market.behaviour.isBroken = true
        let run = try await operations(market, .order(rate: 100, doubleClick: 0)) { $0.count > 200 }
        let attempts = Dictionary(grouping: run.operations.filter { $0.isOrder && $0.store == "a" }) { $0.key ?? "" }
        #expect(!attempts.isEmpty)
        for list in attempts.values {
            // A refusal that came too late for the client is unknown to it, and rightly asked again.
            #expect(list.dropLast().allSatisfy { $0.outcome == .info }, "\(list.map(\.summary))")
            #expect(list.last?.outcome == .fail && list.last?.status == 503, "\(list.map(\.summary))")
            #expect(list.last?.value["retryAfter"] != nil)
        }
    }

    @Test("a connection that is refused is a certain failure, and one that never answers an unknown one")
    func unreachable() async throws {
        let client = ServiceCaller.makeClient()
        let caller = ServiceCaller(servers: ["gone": HostPort(host: "127.0.0.1", port: 1)], client: client)
        let result = await caller.call(.init(.GET, "/"), server: 0, timeout: .seconds(2))
        guard case .notSent = result else {
            Issue.record("expected notSent, got \(result)")
            try await client.shutdown()
            return
        }
        #expect(CallRecord.end(of: result, isWrite: true, latency: 1).kind == .fail)
        #expect(CallRecord.end(of: .unanswered("x"), isWrite: true, latency: 1).kind == .info)
        #expect(CallRecord.end(of: .unanswered("x"), isWrite: false, latency: 1).kind == .fail)
        try await client.shutdown()
    }

    @Test("an empty marketplace is told apart from a broken one")
    func emptyMarketplace() async throws {
        let client = ServiceCaller.makeClient()
        let caller = ServiceCaller(servers: ["gone": HostPort(host: "127.0.0.1", port: 1)], client: client)
        var environment = FleetEnvironment.live
        environment.sleep = { _ in }
        let clock = RunClock(environment)
        let error = await #expect(throws: CatalogueReader.Failure.self) {
            try await CatalogueReader(caller: caller, groups: [], clock: clock).learn()
        }
        #expect(error?.description.contains("/v1/stores") == true)
        try await client.shutdown()
    }
}
