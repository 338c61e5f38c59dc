import Chaos
import SystemPackage
import Testing

/// Gives a suite, or a test, a fleet of its own: ready before it begins, ``Chaos/Fleet/current`` while it runs, gone
/// after it. On a suite it is one fleet for all of its tests; with tests that change it, mark the suite `.serialized`.
/// On a test that is not in such a suite it is one for each of its cases.
///
/// ```swift
/// @Suite(.fleet(.standard), .serialized, .timeLimit(.minutes(2)))
/// struct CacheLossTests { … }
/// ```
public struct FleetTrait: SuiteTrait, TestTrait, TestScoping {
    private let source: FleetSource
    private let options: FleetOptions

    init(_ source: FleetSource, options: FleetOptions) {
        self.source = source
        self.options = options
    }

    /// Starts the fleet, runs the tests, stops the fleet whatever came of them.
    public func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        var options = options
        if options.runtime == nil { options.runtime = try Self.namedRuntime(options.environment.variables) }
        let fleet = try await Fleet.start(source.load(), options: options)
        do {
            try await Fleet.withCurrent(fleet) { try await function() }
        } catch {
            try? await fleet.stop()
            throw error
        }
        try await fleet.stop()
    }
}

extension FleetTrait {
    /// What `SEAWORTHY_RUNTIME` asks for; nil when it is not set.
    static func namedRuntime(_ variables: [String: String]) throws -> RuntimeKind? {
        guard let name = variables["SEAWORTHY_RUNTIME"] else { return nil }
        guard let kind = RuntimeKind(rawValue: name) else {
            throw FleetError.usage("SEAWORTHY_RUNTIME is '\(name)': use process or docker")
        }
        return kind
    }
}

/// Where a fleet's topology comes from.
public struct FleetSource: Sendable {
    private let make: @Sendable () throws -> Topology

    /// Reads it.
    /// - Throws: ``FleetError`` that says what is wrong with it, and where.
    public func load() throws -> Topology { try make() }

    /// The topology that `chaos up` starts when it is told none.
    public static let standard = FleetSource(make: { try Topology.bundled("standard") })

    /// A topology file; a path that is not absolute counts from the working directory.
    public static func file(_ path: String) -> FleetSource {
        FleetSource(make: { try Topology(file: FilePath(path)) })
    }

    /// A topology made in Swift.
    public static func topology(_ topology: Topology) -> FleetSource { FleetSource(make: { topology }) }
}

extension Trait where Self == FleetTrait {
    /// A fleet for a suite or a test.
    /// - Parameters:
    ///   - source: what it consists of.
    ///   - runtime: nil: what `SEAWORTHY_RUNTIME` says; without it docker when a daemon answers, else local processes.
    ///   - variables: set over the topology's environment, `FEATURE_…` for example.
    public static func fleet(
        _ source: FleetSource = .standard, runtime: RuntimeKind? = nil, variables: [String: String] = [:]
    ) -> FleetTrait {
        fleet(source, options: FleetOptions(runtime: runtime, variables: variables))
    }

    /// A fleet for a suite or a test, started with these options.
    public static func fleet(_ source: FleetSource, options: FleetOptions) -> FleetTrait {
        FleetTrait(source, options: options)
    }
}
