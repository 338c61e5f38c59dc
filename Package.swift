// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
]

// SEAWORTHY_STATIC_RUNTIME links the executables with the Swift runtime in them, so that they run inside bare
// containers. Unlike `--static-swift-stdlib` it changes no compiler flag: tests, which know only the dynamic runtime,
// and executables share one compilation. Dynamic modules do not say which static archives they need, so these are
// named here.
let staticArchives = [
    "swiftSynchronization", "swiftDispatch", "dispatch", "BlocksRuntime", "Foundation", "CoreFoundation",
    "FoundationInternationalization", "FoundationEssentials", "_FoundationCShims", "_FoundationCollections",
    "_FoundationICU",
]
let executableLinking: [LinkerSetting] =
    Context.environment["SEAWORTHY_STATIC_RUNTIME"] == nil
    ? []
    : [
        .unsafeFlags(
            ["-static-stdlib", "-Xlinker", "--start-group"] + staticArchives.map { "-l\($0)" } + [
                "-Xlinker", "--end-group",
            ],
            .when(platforms: [.linux]))
    ]

// Compiled for speed of compilation: what these tests measure is not theirs. Properties, which loop over thousands of
// cases of their own, are optimised.
let testSettings = swiftSettings + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let package = Package(
    name: "seaworthy",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "marketplace", targets: ["MarketplaceCommand"]),
        .executable(name: "chaos", targets: ["ChaosCommand"]),
        .library(name: "Chaos", targets: ["Chaos"]),
        .library(name: "ChaosTesting", targets: ["ChaosTesting"]),
        .library(name: "Generators", targets: ["Generators"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "YAML", "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // MARK: Drivers
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .target(name: "CSystemShims"),
        .target(
            name: "Postgres",
            dependencies: [
                "CLibPQ", "CSystemShims",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Redis",
            dependencies: [
                "CHiredis",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings),

        // MARK: The marketplace
        .target(
            name: "Resilience",
            dependencies: [.product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: swiftSettings),
        .target(
            name: "Marketplace",
            dependencies: [
                "Postgres", "Redis", "Resilience",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            resources: [.embedInCode("Data/Migrations"), .embedInCode("Data/CentralMigrations")],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "MarketplaceCommand",
            dependencies: [
                "Marketplace",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings,
            linkerSettings: executableLinking),

        // MARK: The chaos suite
        .target(name: "Generators", swiftSettings: swiftSettings),
        .target(
            name: "Chaos",
            dependencies: [
                "CSystemShims", "Generators",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: swiftSettings),
        // Apart from Chaos, since it needs Swift Testing, which an executable does not link.
        .target(
            name: "ChaosTesting",
            dependencies: ["Chaos", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "ChaosCommand",
            dependencies: [
                "Chaos",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings,
            linkerSettings: executableLinking),

        // MARK: Tests
        .testTarget(
            name: "Units",
            dependencies: [
                "Postgres", "Redis", "Resilience", "Marketplace", "Chaos", "ChaosTesting", "Generators",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "Properties",
            dependencies: ["Generators", "Postgres", "Redis", "Resilience", "Marketplace", "Chaos"],
            swiftSettings: swiftSettings),
        .testTarget(name: "Scenarios", dependencies: ["Chaos", "ChaosTesting"], swiftSettings: testSettings),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Marketplace", "Postgres", "Redis", "Resilience",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/Benchmarks",
            swiftSettings: swiftSettings,
            linkerSettings: executableLinking),
    ]
)
