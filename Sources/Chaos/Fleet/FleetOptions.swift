import SystemPackage

/// How a fleet is started.
public struct FleetOptions: Sendable {
    /// Fit for DNS, 20 characters at most; nil: the topology's name with four random digits.
    public var name: String?
    /// Nil: docker when a daemon answers, else local processes.
    public var runtime: RuntimeKind?
    /// Whether the fleet stays when this process ends (`chaos up`). Else its guardian removes it then.
    public var isKept: Bool
    /// How long the whole fleet may take to be ready.
    public var readyLimit: Duration
    /// Set over the topology's environment, and over the caller's `FEATURE_…` and `MARKETPLACE_…`.
    public var variables: [String: String]
    /// Where fleets and templates live; see ``FleetDirectory``.
    public var root: FilePath
    /// The controller's clock and randomness.
    public var environment: FleetEnvironment
    /// Called with one short line a step.
    public var progress: @Sendable (String) -> Void

    /// Makes options; the defaults are those of `chaos up`.
    public init(
        name: String? = nil, runtime: RuntimeKind? = nil, isKept: Bool = false, readyLimit: Duration = .seconds(60),
        variables: [String: String] = [:], root: FilePath = FleetDirectory.root, environment: FleetEnvironment = .live,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.name = name
        self.runtime = runtime
        self.isKept = isKept
        self.readyLimit = readyLimit
        self.variables = variables
        self.root = root
        self.environment = environment
        self.progress = progress
    }
}
