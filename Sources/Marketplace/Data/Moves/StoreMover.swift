import Postgres

/// Moves a store to another shard while it is in use: copies it, carries over what changed meanwhile, and cuts over
/// with a bounded pause of its writes. Every step can be taken again, so that a mover that died is simply started
/// again.
///
/// The decision is one row on the source: `moved`. Before it everything can be undone; after it the source sends
/// everybody on, whether or not `central` and its map have heard of it yet.
public struct StoreMover: Sendable {
    /// How a mover goes about it.
    public struct Limits: Sendable {
        /// Rows of one page.
        public var pageRows = 500
        /// Changes that may be left when the pause begins.
        public var pendingRows = 200
        /// Rounds of catching up at most.
        public var rounds = 50
        /// Writes wait for this long at most; the source lets them in again by itself.
        public var pause = Duration.milliseconds(400)
        /// Attempts to cut over.
        public var attempts = 20
        /// The source's copy stays this long, for readers that are on their way.
        public var grace = Duration.seconds(2)

        /// The defaults.
        public init() {}
    }

    let owner: OwnerConnections
    let limits: Limits
    let onEvent: @Sendable (StoreMoveEvent) async throws -> Void

    /// Makes a mover that works as the tables' owner, who has to be allowed to set `session_replication_role`.
    /// - Parameter onEvent: hears of every step before the next is taken.
    public init(
        owner: OwnerConnections, limits: Limits = Limits(),
        onEvent: @escaping @Sendable (StoreMoveEvent) async throws -> Void = { _ in }
    ) {
        self.owner = owner
        self.limits = limits
        self.onEvent = onEvent
    }

    /// Moves a store, or goes on with a move that somebody began.
    /// - Throws: ``StoreMoveError``, or what a node answered; the store is then where it was, or moved, never between.
    public func move(_ store: StoreID, to target: String) async throws {
        let journal = MoveJournal(central: try await owner.centralPrimary(), environment: owner.environment)
        let map = try await owner.currentMap()
        guard map.shards.contains(target) else {
            throw StoreMoveError.unknownShard(target, known: map.shards)
        }
        var found = try await journal.open(store)
        if found == nil {
            let source = map.shards[map.shard(of: store.routingKey)]
            guard source != target else { throw StoreMoveError.alreadyThere(store, shard: target) }
            try await requireStore(store, on: source)
            found = try await journal.begin(store, from: source, to: target)
        }
        guard let found, found.target == target, found.step != .aborting else {
            throw found.map { StoreMoveError.otherMove($0) } ?? StoreMoveError.noMove(store)
        }
        try await carry(try await journal.takeUp(found), journal)
    }

    /// Gives a move up before it is cut over; the store stays where it is.
    /// - Throws: ``StoreMoveError/tooLateToAbort(_:)`` after that.
    public func abort(_ store: StoreID) async throws {
        let journal = MoveJournal(central: try await owner.centralPrimary(), environment: owner.environment)
        guard let found = try await journal.open(store) else { throw StoreMoveError.noMove(store) }
        let move = try await journal.takeUp(found)
        let (source, target) = try await ends(move)
        if case .moved = try await source.placement() { throw StoreMoveError.tooLateToAbort(move) }
        try await took(.aborting, move, journal)
        // The source first: from then on nothing is noted, and a mover that is still at it is refused there.
        try await retried { try await source.release() }
        try await target.release(try await tables(of: target.node, move.target))
        try await took(.aborted, move, journal)
    }

    // MARK: Steps

    private func carry(_ move: StoreMove, _ journal: MoveJournal) async throws {
        try await onEvent(.step(.planned))
        let (source, target) = try await ends(move)
        let tables = try await sameTables(source, target)
        do {
            // First of all, since whoever had the move before cannot decide it any more from here on.
            try await retried { try await source.track() }
        } catch StoreMoveError.replaced {
            return try await finish(move, journal, source, target, tables)
        }
        try await took(.tracked, move, journal)
        try await target.prepare(tables)
        try await took(.prepared, move, journal)
        let carrier = RowCarrier(
            source: source, target: target, tables: tables, limits: limits, environment: owner.environment,
            onEvent: onEvent)
        try await carrier.copy()
        try await took(.copied, move, journal)
        let sums = try await carrier.verify()
        try await took(.verified, move, journal, sums)
        try await cutOver(move, source, target, carrier)
        try await finish(move, journal, source, target, tables)
    }

    /// Freezes, carries over the rest, and decides; again when the pause ran out.
    private func cutOver(
        _ move: StoreMove, _ source: MoveSource, _ target: MoveTarget, _ carrier: RowCarrier
    ) async throws {
        for _ in 1...limits.attempts {
            try await carrier.catchUp(to: limits.pendingRows)
            let start = owner.environment.now()
            do {
                try await source.freeze(for: limits.pause)
            } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                try await pause()
                continue
            }
            try await onEvent(.frozen)
            if try await settled(source, target, carrier) {
                try await onEvent(.cutOver(pause: owner.environment.now() - start))
                return
            }
            try await source.thaw()
            try await target.close()
            try await pause()
        }
        throw StoreMoveError.notCutOver(move.store, attempts: limits.attempts)
    }

    /// Whether the store lives on the target now.
    private func settled(
        _ source: MoveSource, _ target: MoveTarget, _ carrier: RowCarrier
    ) async throws -> Bool {
        try await carrier.catchUp(to: 0)
        let arrival = try await target.open()
        try await onEvent(.opened)
        do {
            return try await source.settle(arrival: arrival)
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            return false
        } catch let error as PostgresError where error.outcome == .unknown {
            // Asked, and no answer: the row says what became of it.
            if case .moved = try await source.placement() { return true }
            throw error
        }
    }

    /// Tells the map, then removes what was left behind.
    private func finish(
        _ move: StoreMove, _ journal: MoveJournal, _ source: MoveSource, _ target: MoveTarget, _ tables: [StoreTable]
    ) async throws {
        guard case .moved(let arrival) = try await source.placement() else {
            throw StoreMoveError.replaced(move)
        }
        if move.step != .published {
            try await took(.moved, move, journal)
            try await target.settle()
            let publisher = MapPublisher(owner: owner)
            let map = try await publisher.publish(reason: "move \(move.id): \(move.store) to \(move.target)") { map in
                let placed = map.placements[move.store.routingKey.value]
                if placed?.shard == move.target, placed?.position == arrival { return nil }
                return try map.placing(move.store, on: move.target, position: arrival)
            }
            let missing = await publisher.copyToAll(map)
            try await took(
                .published, move, journal,
                "version \(map.version)" + (missing.isEmpty ? "" : ", no copy on \(missing.joined(separator: ", "))"))
            try await owner.environment.sleep(for: limits.grace)
        }
        for table in tables {
            try await MoveSession.remove(table, of: move.store, from: source.node, batch: 1000, owner.environment)
            try await onEvent(.cleaned(table: table.name))
        }
        try await took(.done, move, journal)
    }

    // MARK: Parts

    private func took(
        _ step: StoreMove.Step, _ move: StoreMove, _ journal: MoveJournal, _ detail: String = ""
    ) async throws {
        try await journal.took(step, move, detail)
        try await onEvent(.step(step))
    }

    private func ends(_ move: StoreMove) async throws -> (MoveSource, MoveTarget) {
        (
            MoveSource(
                node: try await owner.primary(named: move.source), move: move, environment: owner.environment),
            MoveTarget(node: try await owner.primary(named: move.target), move: move, environment: owner.environment)
        )
    }

    private func requireStore(_ store: StoreID, on shard: String) async throws {
        let rows = try await owner.primary(named: shard).query(
            "SELECT 1::bigint FROM stores WHERE id = \(store.number)", deadline: owner.environment.now() + .seconds(5))
        if rows.isEmpty { throw StoreMoveError.noSuchStore(store, shard: shard) }
    }

    private func tables(of node: PostgresNode, _ shard: String) async throws -> [StoreTable] {
        try StoreTable.read(
            try await node.query(StoreTable.query, deadline: owner.environment.now() + .seconds(5)), shard: shard)
    }

    private func sameTables(_ source: MoveSource, _ target: MoveTarget) async throws -> [StoreTable] {
        let tables = try await tables(of: source.node, source.move.source)
        guard try await self.tables(of: target.node, source.move.target) == tables else {
            throw StoreMoveError.schemas("The tables of \(source.move.source) and \(source.move.target) differ.")
        }
        return tables
    }

    /// Again while writers are in the way.
    private func retried(_ body: () async throws -> Void) async throws {
        for attempt in 1... {
            do {
                return try await body()
            } catch let error as PostgresError where error.sqlState == .lockNotAvailable && attempt < limits.attempts {
                try await pause()
            }
        }
    }

    private func pause() async throws {
        try await owner.environment.sleep(for: .milliseconds(50) * (1 + owner.environment.randomFraction()))
    }
}
