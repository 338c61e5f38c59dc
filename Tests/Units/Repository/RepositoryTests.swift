import Foundation
import Testing

/// The repository's own rules, checked on every file of it. After TigerBeetle's `tidy` test
/// (https://github.com/tigerbeetle/tigerbeetle/blob/main/src/tidy.zig).
@Suite("This repository", .serialized)
struct RepositoryTests {
    @Test("is found, so that the rules below look at something")
    func isFound() async {
        let files = await Repository.swiftFiles
        #expect(files.count > 50)
        #expect(files.contains { $0.path == "Sources/Resilience/CircuitBreaker.swift" })
    }

    @Test("reads clocks, sleeps and draws random numbers only in each module's environment file")
    func outsideWorld() async {
        await expectNone(OutsideWorldRule.breaches(in:))
        let files = await Repository.swiftFiles
        for path in OutsideWorldRule.allowed.keys {
            #expect(files.contains { $0.path == path }, "\(path) is allowed more, but does not exist")
        }
    }

    @Test("has small files, small functions and short lines")
    func sizes() async {
        await expectNone(SizeRule.breaches(in:))
    }

    @Test("documents every public symbol")
    func documentation() async {
        let requirements = DocumentationRule.requirements(in: await Repository.swiftFiles)
        await expectNone { DocumentationRule.breaches(in: $0, requirements: requirements) }
    }

    @Test("gives a reason beside everything unsafe")
    func unsafe() async {
        await expectNone(UnsafeRule.breaches(in:))
    }

    @Test("leaves nothing to be done in its code")
    func leftovers() async {
        await expectNone(LeftoverRule.breaches(in:))
    }

    @Test("imports in one direction only, in the sources and in the manifest")
    func direction() async throws {
        await expectNone(DirectionRule.breaches(in:))
        let manifest = try String(contentsOf: Repository.root.appending(path: "Package.swift"), encoding: .utf8)
        report(DirectionRule.breaches(inManifest: SourceFile(path: "Package.swift", text: manifest)))
    }

    private func expectNone(
        sourceLocation: SourceLocation = #_sourceLocation, _ rule: (SourceFile) -> [Breach]
    ) async {
        var breaches: [Breach] = []
        for file in await Repository.swiftFiles {
            breaches += rule(file)
            // Reading takes a while, and other tests want the few threads that there are.
            await Task.yield()
        }
        report(breaches, sourceLocation: sourceLocation)
    }

    private func report(_ breaches: [Breach], sourceLocation: SourceLocation = #_sourceLocation) {
        guard !breaches.isEmpty else { return }
        let shown = breaches.prefix(200).map(\.description).joined(separator: "\n")
        Issue.record("\(breaches.count) breaches:\n\(shown)", sourceLocation: sourceLocation)
    }
}
