import Postgres

/// One table that a store's rows stand in, with the statements that carry them: rows travel as JSON, in which every
/// type of ours comes out as it went in.
struct StoreTable: Sendable, Hashable {
    let name: String
    /// The column that says whose a row is.
    let storeColumn: String
    /// The primary key, the store first.
    let keyColumns: [String]
    /// Every column that is stored, without those that the database computes.
    let columns: [String]

    /// Tables of a shard, in order of their names, and those of them whose changes are not tracked.
    static let query: Query = """
        SELECT t.name, t.store_column, t.key_columns,
            (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute AS a
                WHERE a.attrelid = t.name::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
            EXISTS (SELECT 1 FROM pg_trigger AS g WHERE g.tgrelid = t.name::regclass AND g.tgname = 'tracked')
        FROM store_tables AS t ORDER BY t.name
        """

    /// - Throws: ``StoreMoveError`` for a table whose changes nobody would see.
    static func read(_ rows: Rows, shard: String) throws -> [StoreTable] {
        try rows.map { row in
            let name: String = try row.value(0)
            guard try row.value(4, as: Bool.self) else {
                throw StoreMoveError.schemas(
                    "\(shard) does not track changes of \(name): its migration has to call make_stores_movable().")
            }
            return StoreTable(
                name: name, storeColumn: try row.value(1), keyColumns: try row.value(2), columns: try row.value(3))
        }
    }

    private var table: Query { "\(identifier: name) AS t" }
    private var list: Query { Self.list(columns, "t") }
    private var keyList: Query { Self.list(keyColumns, "t") }

    private static func list(_ columns: [String], _ alias: String) -> Query {
        columns.dropFirst().reduce("\(identifier: "\(alias).\(columns[0])")") {
            "\($0), \(identifier: "\(alias).\($1)")"
        }
    }

    private func whole(_ store: StoreID) -> Query { "\(identifier: "t.\(storeColumn)") = \(store.number)" }

    /// Rows that keys name, with the keys as a set `k`.
    private func named(_ keys: String) -> Query {
        """
        jsonb_populate_recordset(NULL::\(identifier: name), \(keys)::jsonb) AS k
        WHERE (\(keyList)) = (\(Self.list(keyColumns, "k")))
        """
    }

    // MARK: At the source

    /// One page of the store's rows in order of their keys: the rows, how many, and the last one's key.
    /// - Parameter after: the last key of the page before, as JSON; nil for the first page.
    func page(of store: StoreID, after: String?, limit: Int) -> Query {
        var condition = whole(store)
        if let after {
            // Each part of the key by itself, so that the index finds where to begin.
            let parts = keyColumns.dropFirst()
            let values: [Query] = parts.map { column in
                "(SELECT \(identifier: "k.\(column)") FROM jsonb_populate_record(NULL::\(identifier: name), \(after)::jsonb) AS k)"
            }
            if !values.isEmpty {
                let columns = Self.list(Array(parts), "t")
                let joined = values.dropFirst().reduce(values[0]) { "\($0), \($1)" }
                condition = "\(condition) AND (\(columns)) > (\(joined))"
            } else {
                condition = "\(condition) AND false"
            }
        }
        return """
            SELECT coalesce(json_agg(to_json(r)), '[]')::text, count(*),
                (SELECT to_json(l)::text FROM (
                    SELECT \(Self.list(keyColumns, "p")) FROM (\(rows(condition, limit))) AS p
                    ORDER BY (\(Self.list(keyColumns, "p"))) DESC LIMIT 1) AS l)
            FROM (\(rows(condition, limit))) AS r
            """
    }

    private func rows(_ condition: Query, _ limit: Int) -> Query {
        let ordered: Query = "SELECT \(list) FROM \(table) WHERE \(condition) ORDER BY \(keyList)"
        return "\(ordered) LIMIT \(Int64(limit))"
    }

    /// The rows that keys name, as JSON.
    func rows(named keys: String) -> Query {
        "SELECT coalesce(json_agg(to_json(r)), '[]')::text FROM (SELECT \(list) FROM \(table), \(named(keys))) AS r"
    }

    // MARK: At the target

    /// Puts rows there, over those with the same keys.
    func put(_ rows: String) -> Query {
        let others = columns.filter { !keyColumns.contains($0) }
        let update: Query =
            others.isEmpty
            ? "NOTHING"
            : "UPDATE SET "
                + others.dropFirst().reduce("\(identifier: others[0]) = \(identifier: "excluded.\(others[0])")") {
                    "\($0), \(identifier: $1) = \(identifier: "excluded.\($1)")"
                }
        return """
            INSERT INTO \(identifier: name) (\(Self.names(columns))) OVERRIDING SYSTEM VALUE
            SELECT \(list) FROM json_populate_recordset(NULL::\(identifier: name), \(rows)::json) AS t
            ON CONFLICT (\(Self.names(keyColumns))) DO \(update)
            """
    }

    /// Removes the rows that keys name, before those that are still at the source are put again: so that a value that
    /// must be unique can pass from one row to another.
    func remove(named keys: String) -> Query {
        "DELETE FROM \(table) USING \(named(keys))"
    }

    /// Removes some of a store's rows.
    func removeSome(of store: StoreID, limit: Int) -> Query {
        """
        DELETE FROM \(table) WHERE t.ctid = ANY (ARRAY(
            SELECT t.ctid FROM \(table) WHERE \(whole(store)) LIMIT \(Int64(limit))))
        """
    }

    private static func names(_ columns: [String]) -> Query {
        columns.dropFirst().reduce("\(identifier: columns[0])") { "\($0), \(identifier: $1)" }
    }

    // MARK: On both

    /// How many rows a store has, and the sum of their hashes, which is the same in any order.
    func checksum(of store: StoreID) -> Query {
        "\(sum) FROM \(table) WHERE \(whole(store))"
    }

    /// The same of the rows that keys name.
    func checksum(named keys: String) -> Query {
        "\(sum) FROM \(table), \(named(keys))"
    }

    private var sum: Query {
        """
        SELECT count(*)::text || ' rows, checksum '
            || coalesce(sum(hashtextextended(ROW(\(list))::text, 0)::numeric), 0)::text
        """
    }
}

private func + (left: Query, right: Query) -> Query { "\(left)\(right)" }
