extension Query {
    /// The wire format counts parameters in sixteen bits.
    static let maximumParameters = 65535

    /// What keeps the statement from being sent as it is; nil when nothing does.
    var problem: String? {
        if let position = truncatedParameter {
            return "parameter $\(position) holds a NUL character, which Postgres text cannot; remove it or bind bytes"
        }
        if parameters.count > Self.maximumParameters {
            return "\(parameters.count) parameters; \(Self.maximumParameters) is the most, so bind an array instead"
        }
        return nil
    }

    var statementKey: StatementKey? { isPrepared ? StatementKey(sql: sql, types: types) : nil }
}
