import CLibPQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One `PGconn`, with the calls that this client makes of it. Belongs to the reactor's thread; none of them blocks.
final class LibPQ {
    let connection: OpaquePointer
    let notices = Notices()

    private var types: [Oid] = []

    /// What the server says without being asked.
    final class Notices {
        /// A synchronous commit ended its wait for the replicas.
        var hasUnconfirmedCommit = false
        /// Why the server is about to close the connection.
        var farewell: String?
    }

    /// Begins to connect; nil when there is no memory left.
    init?(parameters: [(keyword: String, value: String)]) {
        let keywords = parameters.map { strdup($0.keyword) }
        let texts = parameters.map { strdup($0.value) }
        defer { for text in keywords + texts { free(text) } }
        let started = (keywords.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { keywords in
            (texts.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { texts in
                PQconnectStartParams(keywords.baseAddress, texts.baseAddress, 0)
            }
        }
        guard let started else { return nil }
        connection = started
        PQsetNoticeReceiver(connection, receiveNotice, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit { PQfinish(connection) }

    var socket: Int32 { PQsocket(connection) }
    var isBroken: Bool { PQstatus(connection) == CONNECTION_BAD }
    var isOutsideTransaction: Bool { PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// libpq's last words on this connection, on one line.
    var errorMessage: String {
        let text = notices.farewell ?? String(cString: PQerrorMessage(connection))
        return text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }

    /// Non-blocking from here on, and in pipeline mode.
    func enterPipeline() -> Bool {
        PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1
    }

    func leavePipeline() -> Bool { PQexitPipelineMode(connection) == 1 }

    func prepare(_ name: StatementName, _ query: Query) -> Bool {
        loadTypes(query)
        return PQsendPrepare(connection, name.description, query.sql, Int32(types.count), types) == 1
    }

    /// Binds and executes; results come in binary form.
    func execute(_ name: StatementName?, _ query: Query) -> Bool {
        let parameters = query.parameters
        return query.bytes.withUnsafeBytes { bytes in
            // On the stack, since this is on every call's path.
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: parameters.count) { values in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: parameters.count * 2) { numbers in
                    for (index, parameter) in parameters.enumerated() {
                        let start = bytes.baseAddress?.advanced(by: Int(parameter.offset))
                        values.initializeElement(
                            at: index, to: parameter.length < 0 ? nil : start?.assumingMemoryBound(to: CChar.self))
                        numbers.initializeElement(at: index, to: max(0, parameter.length))
                        numbers.initializeElement(at: parameters.count + index, to: parameter.format.rawValue)
                    }
                    return send(
                        name, query, values.baseAddress, lengths: numbers.baseAddress,
                        formats: numbers.baseAddress?.advanced(by: parameters.count))
                }
            }
        }
    }

    private func send(
        _ name: StatementName?, _ query: Query, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
        lengths: UnsafePointer<Int32>?, formats: UnsafePointer<Int32>?
    ) -> Bool {
        let count = Int32(query.parameters.count)
        let binary = WireFormat.binary.rawValue
        if let name {
            return PQsendQueryPrepared(connection, name.description, count, values, lengths, formats, binary) == 1
        }
        loadTypes(query)
        return PQsendQueryParams(connection, query.sql, count, types, values, lengths, formats, binary) == 1
    }

    /// Statements without parameters, outside pipeline mode.
    func simple(_ sql: String) -> Bool { PQsendQuery(connection, sql) == 1 }

    func deallocate(_ name: StatementName) -> Bool { execute(nil, Query("DEALLOCATE " + name.description)) }

    /// Ends a transaction; libpq 15 also writes out all that is buffered, as far as the socket takes it.
    func sync() -> Bool { PQpipelineSync(connection) == 1 }

    private func loadTypes(_ query: Query) {
        types.removeAll(keepingCapacity: true)
        for type in query.types { types.append(type.rawValue) }
    }
}

/// Runs inside libpq's reading calls.
private func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context, let result else { return }
    let notices = Unmanaged<LibPQ.Notices>.fromOpaque(context).takeUnretainedValue()
    func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
    let severity = field(DiagnosticField.severity)
    // The only warnings of that source file are those of a commit that stops waiting for its replicas; their text
    // depends on the server's language and their SQLSTATE is the general one.
    if severity == "WARNING", field(DiagnosticField.sourceFile) == "syncrep.c" { notices.hasUnconfirmedCommit = true }
    // An error while nothing runs is how a server says that it ends the session; libpq takes it for a notice.
    if severity == "FATAL" || severity == "PANIC" { notices.farewell = field(DiagnosticField.message) }
}
