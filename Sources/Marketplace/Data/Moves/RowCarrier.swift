import Postgres

/// Carries a store's rows from one shard to the other: first all of them, page by page, then those that changed, until
/// none is left. Rows are carried as they are at the moment, so that carrying one twice does no harm.
struct RowCarrier: Sendable {
    let source: MoveSource
    let target: MoveTarget
    let tables: [StoreTable]
    let limits: StoreMover.Limits
    let environment: Environment
    let onEvent: @Sendable (StoreMoveEvent) async throws -> Void

    private static let copyLimit = Duration.seconds(3600)
    private static let roundLimit = Duration.seconds(60)
    /// Changes of one round.
    private static let maximumChanges: Int64 = 20_000

    private var store: StoreID { source.move.store }

    /// Copies what is not there yet, from one snapshot of the source. A mover that goes on for a dead one has another
    /// snapshot; what changed between the two was noted.
    func copy() async throws {
        let progress = try await target.progress()
        try await snapshot(for: Self.copyLimit) { transaction in
            for table in tables where progress[table.name] != "true" {
                try await copy(table, after: progress[table.name], transaction)
            }
        }
    }

    private func copy(_ table: StoreTable, after first: String?, _ transaction: PostgresTransaction) async throws {
        var after = first
        while true {
            let answer = try await transaction.query(
                table.page(of: store, after: after, limit: limits.pageRows).unprepared())
            let (rows, count) = try answer[0].decode(String.self, Int64.self)
            let last: String? = try answer[0].value(2)
            let isLast = count < limits.pageRows
            let put = table.put(rows).unprepared()
            try await target.write(progress: (table.name, isLast ? "true" : last ?? "true")) { transaction in
                if count > 0 { _ = try await transaction.query(put) }
            }
            try await onEvent(.page(table: table.name, rows: Int(count)))
            if isLast { return }
            after = last
        }
    }

    /// Carries changes over until at most so many are left.
    /// - Throws: ``StoreMoveError/notCaughtUp(_:pending:)`` when they come faster than they go.
    func catchUp(to pending: Int) async throws {
        for _ in 1...limits.rounds {
            let numbers = try await snapshot(for: Self.roundLimit) { try await carryChanges($0) }
            if !numbers.isEmpty { try await source.forget(numbers) }
            if numbers.count <= pending { return }
        }
        throw StoreMoveError.notCaughtUp(store, pending: pending)
    }

    /// Compares every row of every table, by count and checksum, between a snapshot of the source and the target, which
    /// has all of that snapshot and nothing else. What changes afterwards is compared as it is carried.
    /// - Returns: what both said, for the journal.
    func verify() async throws -> String {
        try await catchUp(to: limits.pendingRows)
        return try await snapshot(for: Self.copyLimit) { transaction in
            // Those that were noted up to the snapshot; they stay noted, and are carried once more.
            _ = try await carryChanges(transaction)
            var sums: [String] = []
            for table in tables {
                let statement = table.checksum(of: store).unprepared()
                let there = try await target.node.transaction(deadline: environment.now() + Self.copyLimit) {
                    try await MoveSession.begin($0)
                    return try await $0.query(statement)[0].value(0, as: String.self)
                }
                let here: String = try await transaction.query(statement)[0].value(0)
                guard here == there else {
                    throw StoreMoveError.mismatch(table: table.name, source: here, target: there)
                }
                sums.append("\(table.name): \(here)")
            }
            return sums.joined(separator: "; ")
        }
    }

    /// Carries what is noted in a snapshot, as the rows are in that snapshot, and compares each.
    /// - Returns: the numbers of the notes.
    private func carryChanges(_ transaction: PostgresTransaction) async throws -> [Int64] {
        let notes = try await transaction.query(
            """
            SELECT number, name, key::text FROM store_changes WHERE store_id = \(store.number)
            ORDER BY number LIMIT \(Self.maximumChanges)
            """
        ).decode(Int64.self, String.self, String.self)
        let keys = Dictionary(grouping: notes) { $0.1 }.mapValues { notes in
            "[" + Set(notes.map(\.2)).joined(separator: ",") + "]"
        }
        var changes: [(table: StoreTable, keys: String, rows: String, sum: String)] = []
        for table in tables {
            guard let keys = keys[table.name] else { continue }
            let rows: String = try await transaction.query(table.rows(named: keys).unprepared())[0].value(0)
            let sum: String = try await transaction.query(table.checksum(named: keys).unprepared())[0].value(0)
            changes.append((table, keys, rows, sum))
        }
        if !changes.isEmpty {
            try await target.write { [changes] transaction in
                for change in changes {
                    _ = try await transaction.query(change.table.remove(named: change.keys).unprepared())
                    _ = try await transaction.query(change.table.put(change.rows).unprepared())
                    let sum: String = try await transaction.query(
                        change.table.checksum(named: change.keys).unprepared())[0].value(0)
                    guard sum == change.sum else {
                        throw StoreMoveError.mismatch(table: change.table.name, source: change.sum, target: sum)
                    }
                }
            }
        }
        return notes.map(\.0)
    }

    /// Reads at the source that all see the same moment.
    private func snapshot<Value: Sendable>(
        for limit: Duration, _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await source.node.transaction(deadline: environment.now() + limit) { transaction in
            _ = try await transaction.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            try await MoveSession.begin(transaction)
            return try await body(transaction)
        }
    }
}
