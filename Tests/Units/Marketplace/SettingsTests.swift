import Foundation
import Testing

@testable import Marketplace

@Suite("settings")
struct SettingsTests {
    @Test("flags win over the environment, the environment over the file, the file over defaults")
    func precedence() async throws {
        let file = NSTemporaryDirectory() + "settings-\(ProcessInfo.processInfo.processIdentifier).yaml"
        try "port: 1001\nbreaker:\n  cooldown:\n    ms: 700\nread:\n  attempt:\n    ms: 70\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let settings = try await Settings(
            flags: ["PORT": "1003"], environment: ["PORT": "1002", "BREAKER_COOLDOWN_MS": "800"], file: file)
        #expect(settings.server.port == 1003)
        #expect(settings.resilience.breaker.cooldown == .milliseconds(800))
        #expect(settings.database.attemptLimit == .milliseconds(70))
        #expect(settings.database.readDeadline == .milliseconds(500))
        for line in ["1003", "flag", "environment", "file", "default"] { #expect(settings.listing.contains(line)) }
    }

    @Test("nodes and features are read")
    func nodes() async throws {
        let settings = try await Settings(environment: [
            "MARKETPLACE_SHARDS": "a@127.0.0.1:5001, b@127.0.0.1:5002;c@/tmp/x:5432",
            "MARKETPLACE_CACHE": "cache@[::1]:6379",
            "FEATURE_IDEMPOTENCY": "false", "FEATURE_BREAKRES": "false",
        ])
        #expect(settings.database.shards.map { $0.map(\.name) } == [["a", "b"], ["c"]])
        #expect(settings.database.shards[1][0].host == "/tmp/x")
        #expect(!settings.features[.idempotency] && settings.features[.breakers])
        #expect(settings.warnings.count == 1 && settings.warnings[0].contains("FEATURE_BREAKRES"))
    }

    @Test(
        "what cannot be used is named",
        arguments: [
            ("PORT", "70000"), ("PORT", "http"), ("BREAKER_THRESHOLD", "2"), ("MARKETPLACE_SHARDS", "nonsense"),
            ("MARKETPLACE_SHARDS", "a@h:1,a@h:2"), ("LOG_LEVEL", "loud"), ("MARKETPLACE_PROFILE", "prod"),
            ("FEATURE_SHARDING", "maybe"),
        ])
    func complaints(name: String, value: String) async {
        let error = await #expect(throws: SettingsError.self) { try await Settings(environment: [name: value]) }
        #expect(error?.description.contains(name == "MARKETPLACE_SHARDS" ? "n" : name) == true)
    }

    @Test("production does not run without a password, and no password is shown")
    func secrets() async throws {
        await #expect(throws: SettingsError.self) {
            try await Settings(environment: ["MARKETPLACE_PROFILE": "production"])
        }
        let settings = try await Settings(environment: [
            "MARKETPLACE_PROFILE": "production", "MARKETPLACE_POSTGRES_PASSWORD": "hunter2",
        ])
        #expect(settings.database.password == "hunter2")
        #expect(!settings.listing.contains("hunter2"))
    }

    @Test("a file that is not there is named")
    func missingFile() async {
        let error = await #expect(throws: SettingsError.self) {
            try await Settings(environment: [:], file: "/nowhere/settings.yaml")
        }
        #expect(error?.description.contains("/nowhere/settings.yaml") == true)
    }
}
