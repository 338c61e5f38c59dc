/// Time, randomness and identity come in from outside, through one named file a module: so that every decision can be
/// replayed and no test has to wait (docs/ARCHITECTURE.md, "Decisions are pure").
enum OutsideWorldRule {
    /// Where the outside world is let in, and why there.
    static let allowed: [String: String] = [
        "Sources/Resilience/TimeSource.swift": "the module's live clock",
        "Sources/Generators/LiveEnvironment.swift": "the module's live clock, seed and variables",
        "Sources/Postgres/LiveEnvironment.swift": "the module's live clock and randomness",
        "Sources/Redis/Client/RedisEnvironment.swift": "the module's live clock and randomness",
        "Sources/Marketplace/Environment.swift": "the server's one environment",
        "Sources/Chaos/Fleet/FleetEnvironment.swift": "the controller's one environment",
    ]

    /// `Int.random(in:)` and `.random(in:)` without `using:` before the statement's end; a member `random` that was
    /// passed in is what the rule is for.
    private static let unseededRandom =
        #"(?:\b[A-Z][\w.<>]*|(?<![\w\])>?!}]))\.random\((?![^{};]*\busing:)"#
        + #"|\.(randomElement|shuffled|shuffle)\(\)|\bSystemRandomNumberGenerator\b|\barc4random"#

    static let patterns: [(name: String, regex: String)] = [
        ("Task.sleep", #"\bTask(<[^>]*>)?\.sleep\b"#),
        ("a sleeping thread", #"\b(usleep|nanosleep|sleep)\(\s*[\d_]|\bThread\.sleep\b"#),
        ("the wall clock", #"\bDate\(\)|\bDate\.now\b|\bgettimeofday\("#),
        ("a fresh UUID", #"\bUUID\(\)"#),
        ("the machine's randomness", unseededRandom),
        ("a clock of one's own", #"\b(ContinuousClock|SuspendingClock)\(\)|\bclock_gettime\("#),
        (
            "the clock",
            #"\b(ContinuousClock|SuspendingClock|Instant|DispatchTime|NIODeadline)\.now\b"#
                + #"|(?<![\w\])>?!}])\.now\b(?!\()"#
        ),
    ]

    static func breaches(in file: SourceFile) -> [Breach] {
        if file.isTest { return sleeps(in: file) }
        guard allowed[file.path] == nil else { return [] }
        return find(patterns, in: file)
    }

    /// Tests wait for conditions with `eventually`, never for time to pass.
    private static func sleeps(in file: SourceFile) -> [Breach] {
        guard file.path != "Tests/Units/Support/Eventually.swift" else { return [] }
        return find(patterns.filter { $0.name == "Task.sleep" || $0.name == "a sleeping thread" }, in: file)
    }

    private static func find(_ patterns: [(name: String, regex: String)], in file: SourceFile) -> [Breach] {
        patterns.flatMap { pattern in
            file.matches(of: pattern.regex).map {
                Breach(path: file.path, line: $0, what: "\(pattern.name) is used outside the module's environment file")
            }
        }
    }
}
