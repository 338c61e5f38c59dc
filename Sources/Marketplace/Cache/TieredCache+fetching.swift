import Redis

/// Beyond memory: Redis, and who loads.
extension TieredCache {
    /// What Redis said.
    private enum Said: Sendable {
        case hit(CacheEntry, freshFor: Duration)
        case miss(RedisCache.Miss)
        /// There is none, or it did not answer.
        case nothing(isFailure: Bool)
    }

    /// Finds an answer that memory does not have.
    func fetch(_ question: CacheQuestion) async throws -> CacheAnswer {
        let token = String(environment.random(), radix: 36)
        var said = await ask(question, token)
        observe(said)
        if case .miss(let miss) = said, miss.role == .wait, question.reach == .reachable {
            said = try await waitForLease(question, token, miss)
        }
        switch said {
        case .hit(let entry, let freshFor):
            let age = max(.zero, entry.lifetime - freshFor)
            remember(question, entry, age: age, freshFor: freshFor, isVouched: true)
            return CacheAnswer(entry: entry, source: .hit, age: age)
        case .miss(let miss):
            return try await load(question, token, miss)
        case .nothing(let isFailure):
            let now = environment.now()
            if let found = question.look.found, mayDoWithoutRedis(found, now), isAnswer(found.entry, question) {
                return CacheAnswer(entry: found.entry, source: .memory, age: now - found.loadedAt)
            }
            var answer = try await load(question, token, nil)
            if isFailure, answer.source == .miss { answer.source = .error }
            return answer
        }
    }

    private func ask(_ question: CacheQuestion, _ token: String) async -> Said {
        let start = environment.now()
        do {
            let wanted = wanted(question)
            let lookup = try await call {
                try await $0.look(question.subject, token: token, wanted: wanted, deadline: $1)
            }
            guard let lookup else { return .nothing(isFailure: false) }
            metrics.duration(.redis).record(environment.now() - start)
            switch lookup {
            case .hit(let entry, let freshFor):
                if isAnswer(entry, question) { return .hit(entry, freshFor: freshFor) }
                // Of a history or a shard that was left, or of a lost shard: loaded for those who ask, and not kept.
                return .miss(
                    RedisCache.Miss(
                        role: .wait, stale: nil, change: .unknown, isBlocked: true, generation: ""))
            case .miss(let miss):
                return .miss(miss)
            }
        } catch {
            return .nothing(isFailure: true)
        }
    }

    /// What an entry must have to count for those who ask.
    private func wanted(_ question: CacheQuestion) -> CacheVersion {
        var wanted = state.owed(of: question.subject.scope) ?? .unknown
        if let position = question.requirement, let placement = question.home.placement {
            wanted = wanted.merged(
                CacheVersion(number: nil, position: CachePosition(placement: placement, position: position)))
        }
        return wanted
    }

    /// Whether a kept entry may be given to those who ask.
    private func isAnswer(_ entry: CacheEntry, _ question: CacheQuestion) -> Bool {
        guard question.reach != .out(mayStandIn: false),
            entry.satisfies(question.requirement, of: question.home.shard),
            !isLost(entry, question.subject, question.home)
        else { return false }
        guard let owed = state.owed(of: question.subject.scope) else { return true }
        return owed != .unknown && entry.version.includes(owed)
    }

    /// Another server loads: looks again until it has, its lease has ended, or that would take too long.
    private func waitForLease(
        _ question: CacheQuestion, _ token: String, _ miss: RedisCache.Miss
    ) async throws -> Said {
        // Blocked means that nobody will fill it.
        guard !miss.isBlocked else { return .miss(miss) }
        metrics.leasesWaited.add()
        let end = environment.now() + settings.lease + settings.callDeadline
        var pause = Duration.milliseconds(1)
        var said = Said.miss(miss)
        while environment.now() < end {
            try await environment.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(16))
            said = await ask(question, token)
            guard case .miss(let miss) = said, miss.role == .wait, !miss.isBlocked else { return said }
        }
        metrics.leasesLost.add()
        return said
    }

    private func observe(_ said: Said) {
        let result: CacheMetrics.Result
        switch said {
        case .hit(let entry, _): result = entry.isAbsent ? .negative : .hit
        case .miss(let miss):
            result = .miss
            if miss.role == .lead { metrics.leasesLed.add() }
        case .nothing(let isFailure):
            if !isFailure { return }
            result = .error
        }
        metrics.result(.redis, result).add()
    }

    /// - Parameter isVouched: whether Redis was asked after the ticket was given: then a change would be told.
    func remember(
        _ question: CacheQuestion, _ entry: CacheEntry, age: Duration = .zero, freshFor: Duration, isVouched: Bool
    ) {
        guard coherence != nil else { return }
        let kept = MemoryEntry(
            entry, now: environment.now(), age: age, freshFor: freshFor,
            staleFor: entry.isAbsent ? .zero : settings.staleIfError)
        memory.keep(
            kept, for: question.subject.key, in: question.subject.scope, ticket: question.look.ticket,
            isVouched: isVouched)
    }
}
