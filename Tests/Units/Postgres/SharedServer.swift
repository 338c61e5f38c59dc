import Postgres

/// One server for the tests of a suite, started by the first of them.
actor SharedServer {
    private let options: [String]
    private var starting: Task<PostgresTestServer, any Error>?

    init(options: [String] = []) { self.options = options }

    func server() async throws -> PostgresTestServer {
        let options = options
        let task = starting ?? Task { try await PostgresTestServer.start(options: options) }
        starting = task
        return try await task.value
    }

    func endpoint() async throws -> PostgresEndpoint { try await server().endpoint() }
}
