import Foundation
import Postgres

/// What EXPLAIN says of a statement.
struct QueryPlan: Sendable {
    /// Tables that are read from one end to the other.
    private(set) var scannedTables: Set<String> = []
    /// Indexes that are used.
    private(set) var indexes: Set<String> = []
    /// Rows that a sort is expected to be given.
    private(set) var sortedRows = 0.0
    let text: String

    /// Asks for the plan of a statement with its parameters, on a transaction, without running it.
    init(_ query: Query, _ transaction: PostgresTransaction) async throws {
        let explain: Query = "EXPLAIN (FORMAT JSON) \(query)"
        let rows = try await transaction.query(explain.unprepared())
        text = try rows[0].value(0)
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
        for case let plan as [String: Any] in json as? [Any] ?? [] { read(plan["Plan"]) }
    }

    private mutating func read(_ node: Any?) {
        guard let node = node as? [String: Any] else { return }
        if let index = node["Index Name"] as? String { indexes.insert(index) }
        if node["Node Type"] as? String == "Seq Scan", let table = node["Relation Name"] as? String {
            scannedTables.insert(table)
        }
        if (node["Node Type"] as? String)?.hasSuffix("Sort") == true {
            for case let child as [String: Any] in node["Plans"] as? [Any] ?? [] {
                sortedRows = max(sortedRows, child["Plan Rows"] as? Double ?? 0)
            }
        }
        for child in node["Plans"] as? [Any] ?? [] { read(child) }
    }
}

/// A statement of the product, built as the server builds it, and the index that it was given.
struct RealQuery: Sendable {
    let what: String
    let query: Query
    /// Nil: outside of any store, as readers ask.
    let store: Int64?
    /// All of them have to be used.
    let indexes: [String]

    init(_ what: String, _ query: Query, inside store: Int64? = nil, by indexes: String...) {
        self.what = what
        self.query = query
        self.store = store
        self.indexes = indexes
    }
}
