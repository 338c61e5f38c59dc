import Testing

/// What an operator writes wrong, on any command.
@Suite("what is entered on the command line", .serialized, .timeLimit(.minutes(3)))
struct CommandInputTests {
    /// A command that names a shard; none of these comes as far as asking it.
    private static func onShard(_ arguments: String...) -> [String] {
        arguments + ["--set", "MARKETPLACE_SHARDS=shard-0-primary@/nowhere:5432"]
    }

    /// Arguments, and what the sentence says.
    static let mistakes: [([String], String)] = [
        (["feed"], "'feed'"),
        (["serve"], "There is no shard: set MARKETPLACE_SHARDS to name@host:port"),
        (["serve", "--config", "/nowhere/settings.yaml"], "The settings file /nowhere/settings.yaml cannot be read"),
        (["serve", "--set", "PORT"], "'PORT' is no setting: write --set NAME=VALUE."),
        (["serve", "--set", "=8080"], "'=8080' is no setting: write --set NAME=VALUE."),
        (["serve", "--set", "PORT=http"], "PORT is 'http' (flag), which cannot be read."),
        (["serve", "--set", "MARKETPLACE_SHARDS=here"], "'here' is no node: write name@host:port."),
        (["serve", "--port", "http"], "'--port <port>'"),
        (["serve", "--port", "70000"], "PORT is 70000: use 0 to 65535 (port)."),
        (onShard("serve", "--set", "PROT=80"), "PROT is no setting."),
        (["shard", "add", "shard-2", "--limit=-1"], "--limit is -1: use 0 or more."),
        (["migrate", "--set", "BREAKER_THRESHOLD=2"], "BREAKER_THRESHOLD is 2.0: use a share from 0 to 1."),
        (onShard("migrate", "--shard", "1"), "There is no shard 1: use 0 to 0."),
        (onShard("migrate", "--shard=-1"), "There is no shard -1: use 0 to 0."),
        (["seed", "--products=-1"], "--products is -1: use 0 to 10000000."),
        (["seed", "--products", "-1"], "--products"),
        (["seed", "--stores", "0"], "--stores is 0"),
        (["seed", "--seed=-1"], "'--seed <seed>'"),
        (["shard", "move", "mugs", "--to", "1"], "'mugs' is no store's id"),
        (["shard", "move", "mugs"], "Say --to SHARD, or --abort."),
    ]

    @Test(
        "a mistake ends the command with 64, and a sentence that names it",
        arguments: CommandInputTests.mistakes)
    func mistake(arguments: [String], sentence: String) async throws {
        let outcome = try await MarketplaceProcess.run(arguments)
        #expect(outcome.code == 64, "\(arguments)")
        #expect(outcome.errors.contains(sentence), "\(arguments): \(outcome.errors)")
        #expect(outcome.lines.isEmpty, "\(arguments): \(outcome.lines)")
    }

    @Test("a port file that cannot be written ends a server that has just begun to listen")
    func portFile() async throws {
        let outcome = try await MarketplaceProcess.run(
            Self.onShard("serve", "--port", "0", "--port-file", "/nowhere/port"))
        #expect(outcome.code == 64)
        #expect(outcome.errors.hasPrefix("marketplace: the port file /nowhere/port cannot be written"))
    }
}
