import Resilience

extension RoutedDatabase {
    /// What came of asking one node, or two.
    struct Attempt: Sendable {
        let result: Result<NodeAnswer, any Error>
        /// How many of the candidates were asked.
        let asked: Int
    }

    private enum Event: Sendable {
        case answered(Attempt)
        case hedgeIsDue
        case hedgeIsOff
    }

    /// Asks the first of some nodes, and the next as well when its answer takes longer than usual: the first answer
    /// counts, and the other request is dropped.
    func attempt(
        _ request: ReadRequest, _ candidates: ArraySlice<ReadPlan.Candidate>, of shard: Shard,
        _ deadline: ContinuousClock.Instant
    ) async -> Attempt {
        let nodes = candidates.map(\.node)
        let delay = features[.hedgedReads] ? shard.hedging.withLock { $0.began(request.pace) } : nil
        guard let delay, delay < settings.attemptLimit, candidates.dropFirst().first?.isHedgeTarget ?? false else {
            return await answer(nodes[0], nodes.count == 1, of: shard, request, deadline)
        }
        let start = environment.now()
        return await withTaskGroup(of: Event.self) { group in
            group.addTask { .answered(await answer(nodes[0], false, of: shard, request, deadline)) }
            group.addTask {
                do { try await environment.sleep(start + delay) } catch { return .hedgeIsOff }
                return .hedgeIsDue
            }
            var open = 1
            var asked = 1
            while let event = await group.next() {
                switch event {
                case .hedgeIsOff: break
                case .hedgeIsDue:
                    guard shard.hedging.withLock({ $0.take() }) else {
                        metrics.hedged(.refused).add()
                        break
                    }
                    metrics.hedged(.sent).add()
                    open += 1
                    asked = 2
                    group.addTask { .answered(await answer(nodes[1], nodes.count == 2, of: shard, request, deadline)) }
                case .answered(let attempt):
                    open -= 1
                    guard open == 0 || (try? attempt.result.get()) != nil else { break }
                    if case .success(let answer) = attempt.result, answer.node == nodes[1] {
                        metrics.hedged(.won).add()
                        // The slow one counts with the time that it had: without it the usual time would shrink.
                        let waited = environment.now() - start
                        shard.hedging.withLock { $0.record(waited, request.pace) }
                    }
                    group.cancelAll()
                    return Attempt(result: attempt.result, asked: asked)
                }
            }
            return Attempt(result: .failure(CancellationError()), asked: asked)
        }
    }

    /// - Parameter isLast: the last one asked has the rest of the time.
    private func answer(
        _ node: Int, _ isLast: Bool, of shard: Shard, _ request: ReadRequest, _ deadline: ContinuousClock.Instant
    ) async -> Attempt {
        let limit = isLast ? deadline : min(deadline, environment.now() + settings.attemptLimit)
        do {
            return Attempt(
                result: .success(try await ask(node, of: shard, request, deadline: limit)), asked: 1)
        } catch {
            return Attempt(result: .failure(error), asked: 1)
        }
    }
}
