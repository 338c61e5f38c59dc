import Foundation
import Testing

/// The repository's own rules, checked on every file of it. After TigerBeetle's `tidy` test
/// (https://github.com/tigerbeetle/tigerbeetle/blob/main/src/tidy.zig).
@Suite("This repository")
struct RepositoryTests {
    @Test("is found, so that the rules below look at something")
    func isFound() {
        #expect(Repository.swiftFiles.count > 50)
        #expect(Repository.swiftFiles.contains { $0.path == "Sources/Resilience/CircuitBreaker.swift" })
    }

    @Test("reads clocks, sleeps and draws random numbers only in each module's environment file")
    func outsideWorld() {
        expectNone(Repository.swiftFiles.flatMap(OutsideWorldRule.breaches))
        for path in OutsideWorldRule.allowed.keys {
            #expect(Repository.swiftFiles.contains { $0.path == path }, "\(path) is allowed more, but does not exist")
        }
    }

    @Test("has small files, small functions and short lines")
    func sizes() {
        expectNone(Repository.swiftFiles.flatMap(SizeRule.breaches))
    }

    @Test("documents every public symbol")
    func documentation() {
        let requirements = DocumentationRule.requirements(in: Repository.swiftFiles)
        expectNone(
            Repository.swiftFiles.flatMap { DocumentationRule.breaches(in: $0, requirements: requirements) })
    }

    @Test("gives a reason beside everything unsafe")
    func unsafe() {
        expectNone(Repository.swiftFiles.flatMap(UnsafeRule.breaches))
    }

    @Test("leaves nothing to be done in its code")
    func leftovers() {
        expectNone(Repository.swiftFiles.flatMap(LeftoverRule.breaches))
    }

    @Test("imports in one direction only, in the sources and in the manifest")
    func direction() throws {
        expectNone(Repository.swiftFiles.flatMap(DirectionRule.breaches(in:)))
        let manifest = try String(contentsOf: Repository.root.appending(path: "Package.swift"), encoding: .utf8)
        expectNone(DirectionRule.breaches(inManifest: SourceFile(path: "Package.swift", text: manifest)))
    }

    private func expectNone(_ breaches: [Breach], sourceLocation: SourceLocation = #_sourceLocation) {
        guard !breaches.isEmpty else { return }
        let shown = breaches.prefix(200).map(\.description).joined(separator: "\n")
        Issue.record("\(breaches.count) breaches:\n\(shown)", sourceLocation: sourceLocation)
    }
}
