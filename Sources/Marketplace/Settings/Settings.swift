import Configuration
import SystemPackage

/// Everything that can be set, a struct a scope. Flags win over the environment, the environment over the file, the
/// file over the defaults.
public struct Settings: Sendable {
    /// What kind of running this is; production refuses what only a developer may do.
    public enum Profile: String, Sendable, CaseIterable {
        case development, test, production
    }

    /// How strict to be with defaults.
    public var profile: Profile = .development
    /// Listening, limits, logs.
    public var server = ServerSettings()
    /// Shards and roles.
    public var database = DatabaseSettings()
    /// How reads use the replicas.
    public var replicas = ReplicaSettings()
    /// The cache's node and lifetimes.
    public var cache = CacheSettings()
    /// Breakers, bulkheads and retries.
    public var resilience = ResilienceSettings()
    /// What is switched on.
    public var features = Features()
    /// Each setting with its value, default, unit and source, in a table.
    public private(set) var listing = ""
    /// What deserves a warning though it does not stop anything.
    public private(set) var warnings: [String] = []

    /// The defaults.
    public init() {}

    /// Reads settings.
    /// - Parameters:
    ///   - flags: from the command line, by the names of the environment's variables.
    ///   - environment: the process's environment.
    ///   - file: a JSON or YAML file, its keys nested as the parts of the names: `breaker: {cooldown: {ms: 1000}}`.
    /// - Throws: ``SettingsError`` with everything that cannot be used.
    public init(flags: [String: String] = [:], environment: [String: String], file: String? = nil) async throws {
        var sources = [
            Self.source("flag", EnvironmentVariablesProvider(environmentVariables: flags)),
            Self.source("environment", EnvironmentVariablesProvider(environmentVariables: environment)),
        ]
        if let file { sources.append(try await Self.source(file: file)) }
        var reader = SettingsReader(sources: sources)
        try self.init(&reader, named: flags.keys)
        warnings = Features.unknown(in: environment.keys).map {
            "\($0) is no feature: " + Features.Feature.allCases.map(\.variable).joined(separator: ", ")
        }
        listing = Self.table(reader.lines)
    }

    private init(_ reader: inout SettingsReader, named flags: some Sequence<String>) throws {
        let name = reader.text(
            "MARKETPLACE_PROFILE", default: "development", unit: "name", "development, test or production")
        if let known = Profile(rawValue: name) {
            profile = known
        } else {
            reader.complain("MARKETPLACE_PROFILE is '\(name.prefix(40))': use development, test or production.")
        }
        server = ServerSettings(&reader)
        database = DatabaseSettings(&reader)
        replicas = ReplicaSettings(&reader)
        cache = CacheSettings(&reader)
        resilience = ResilienceSettings(&reader)
        for feature in Features.Feature.allCases {
            features[feature] = reader.flag(feature.variable, default: true, "switches this layer")
        }
        if profile == .production, database.password == nil {
            reader.complain("MARKETPLACE_POSTGRES_PASSWORD is not set: production does not run without one.")
        }
        // An environment is everybody's, and has names of others in it; a flag is meant for us.
        let known = Set(reader.lines.map(\.name))
        for name in flags.filter({ !known.contains($0) }).sorted() {
            reader.complain("\(name) is no setting.")
        }
        if !reader.complaints.isEmpty { throw SettingsError(reader.complaints) }
    }

    private static func source(_ label: String, _ provider: some ConfigProvider) -> SettingsReader.Source {
        SettingsReader.Source(label: label, config: ConfigReader(provider: provider))
    }

    private static func source(file: String) async throws -> SettingsReader.Source {
        do {
            let path = FilePath(file)
            if path.extension == "yaml" || path.extension == "yml" {
                return source("file", try await FileProvider<YAMLSnapshot>(filePath: path))
            }
            return source("file", try await FileProvider<JSONSnapshot>(filePath: path))
        } catch {
            throw SettingsError(["The settings file \(file) cannot be read: \(error)."])
        }
    }

    private static func table(_ lines: [SettingsReader.Line]) -> String {
        let rows =
            [["NAME", "VALUE", "DEFAULT", "UNIT", "SOURCE", "WHAT"]]
            + lines.map { [$0.name, $0.value, $0.defaultValue, $0.unit, $0.source, $0.purpose] }
        let widths = (0..<5).map { column in min(48, rows.map { $0[column].count }.max() ?? 0) }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column < 5 ? cell + String(repeating: " ", count: max(0, widths[column] - cell.count)) : cell
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
