import Postgres

extension RoutedDatabase {
    /// Asks every shard for its part of a list, a bounded number at once, each within the read's deadline, and merges
    /// what comes.
    /// - Parameters:
    ///   - query: a shard's part behind a key, in order of the keys, at most one more than the limit.
    ///   - read: the key and the item of a row.
    /// - Returns: the page; it names the shards that did not answer.
    /// - Throws: the failure of the last shard when none answers, or what `read` throws.
    func scatter<Item: Sendable>(
        after cursor: ScatterCursor, limit: Int, trace: RequestTrace,
        query: @escaping @Sendable (ScatterKey?) -> Query,
        read: @escaping @Sendable (Row) throws -> (key: ScatterKey, item: Item)
    ) async throws -> ScatterPage<Item> {
        let shards = router.shards
        var waiting = shards.makeIterator()
        var answers: [Answer<Item>] = []
        await withTaskGroup(of: Answer<Item>.self) { group in
            func askNext() {
                guard let shard = waiting.next() else { return }
                group.addTask {
                    await Answer(shard: shard.name) {
                        let rows = try await self.read(
                            from: shard, .list, trace: trace, query(cursor.position(of: shard.name)))
                        return ScatterPage<Item>.Part(
                            shard: shard.name, items: try rows.prefix(limit + 1).map(read), isCut: rows.count > limit)
                    }
                }
            }
            for _ in 0..<settings.scatterWidth { askNext() }
            for await answer in group {
                answers.append(answer)
                askNext()
            }
        }
        var parts: [ScatterPage<Item>.Part] = []
        var missing: [String] = []
        for answer in answers {
            switch answer.part {
            case .success(let part): parts.append(part)
            case .failure(let error):
                missing.append(answer.shard)
                if missing.count == shards.count { throw error }
            }
        }
        return ScatterPage(parts, missing: missing, after: cursor, limit: limit)
    }

    /// A value of its own rather than a tuple; see `PrimaryFinder`.
    private struct Answer<Item: Sendable>: Sendable {
        let shard: String
        let part: Result<ScatterPage<Item>.Part, any Error>

        init(shard: String, _ ask: () async throws -> ScatterPage<Item>.Part) async {
            self.shard = shard
            do {
                part = .success(try await ask())
            } catch {
                part = .failure(error)
            }
        }
    }
}
