import Testing

/// The rules themselves: each is shown to bite, and to let prose and proper use pass.
@Suite("The repository's rules")
struct RuleTests {
    func file(_ text: String, path: String = "Sources/Chaos/Example.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test(
        "the outside world is seen",
        arguments: [
            "try await Task.sleep(for: .seconds(1))", "usleep(1000)", "let now = Date()", "let id = UUID().uuidString",
            "let port = Int.random(in: 0..<9)", "let one = list.randomElement()", "let clock = ContinuousClock()",
            "let start = ContinuousClock.now", "wait(until: .now + .seconds(1))", "return .now",
            "var random = SystemRandomNumberGenerator()", "let t = NIODeadline.now()",
        ])
    func outsideWorldBites(line: String) {
        #expect(OutsideWorldRule.breaches(in: file(line)).count == 1, "\(line)")
    }

    @Test(
        "time that comes in as a parameter is not",
        arguments: [
            "let now = environment.now()", "let x = Int.random(in: 0..<9, using: &random)", "self.now = now",
            "// never call Task.sleep here", "let text = \"Date() and UUID()\"", "let x = time.now",
            "list.shuffled(using: &random)", "time.sleep(until)", "let a = /* UUID() */ 1",
        ])
    func outsideWorldPasses(line: String) {
        #expect(OutsideWorldRule.breaches(in: file(line)) == [])
    }

    @Test("tests may read the clock, but not sleep")
    func testsMayNotSleep() {
        let path = "Tests/Units/Chaos/ExampleTests.swift"
        #expect(OutsideWorldRule.breaches(in: file("let start = ContinuousClock.now", path: path)) == [])
        #expect(OutsideWorldRule.breaches(in: file("try await Task.sleep(for: x)", path: path)).count == 1)
    }

    @Test("long files, functions and lines are seen")
    func sizes() {
        let short = "func a() {\n" + String(repeating: "    b()\n", count: 68) + "}"
        #expect(SizeRule.breaches(in: file(short)) == [])
        let long = "func a() {\n" + String(repeating: "    b(\"}\")\n", count: 69) + "}"
        #expect(SizeRule.breaches(in: file(long)).count == 1)
        #expect(SizeRule.breaches(in: file(String(repeating: "\n", count: 301))).count == 1)
        #expect(SizeRule.breaches(in: file(String(repeating: "a", count: 121))).count == 1)
        let requirements = "protocol P {\n    func a()\n}\nfunc b() {\n" + String(repeating: "\n", count: 60) + "}"
        #expect(SizeRule.breaches(in: file(requirements)) == [])
    }

    @Test("public symbols without documentation are seen")
    func documentation() {
        let bare = [
            "public func a() {}", "    public static let b = 1", "public final class C {}",
            "    public private(set) var d = 2", "@MainActor public struct E {}", "    public init(a: Int) {}",
        ]
        for line in bare {
            #expect(DocumentationRule.breaches(in: file(line)).count == 1, "\(line)")
            #expect(DocumentationRule.breaches(in: file("/// What it is.\n@inlinable\n" + line)) == [], "\(line)")
        }
        #expect(DocumentationRule.breaches(in: file("    public var description: String { a }")) == [])
        #expect(DocumentationRule.breaches(in: file("func a() {}\nextension A {}")) == [])
    }

    @Test("what fulfils a documented requirement inherits its documentation")
    func inheritance() {
        let maker = file(
            "public protocol Maker {\n    /// What it makes.\n    func make() -> Int\n    init(of kind: Int)\n}")
        let requirements = DocumentationRule.requirements(in: [maker])
        #expect(requirements == ["make", "init(of kind"])
        let type = file("public func make() -> Int { 1 }\npublic init(of kind: Int) {}\npublic func other() {}")
        #expect(DocumentationRule.breaches(in: type, requirements: requirements).map(\.line) == [3])
    }

    @Test("unsafe constructs without a reason are seen")
    func unsafe() {
        let bare = [
            "final class A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1", "let b = try! c()",
            "fatalError(\"no\")", "let d = e as! F",
        ]
        for line in bare {
            #expect(UnsafeRule.breaches(in: file(line)).count == 1, "\(line)")
            #expect(UnsafeRule.breaches(in: file(line + " // safe, because")) == [], "\(line)")
            #expect(UnsafeRule.breaches(in: file("// Safe, because.\n" + line)) == [], "\(line)")
            #expect(UnsafeRule.breaches(in: file("// Safe, because.\n\n" + line)).count == 1, "\(line)")
        }
    }

    @Test("imports in the wrong direction are seen")
    func direction() {
        func breaches(_ line: String, in module: String) -> Int {
            DirectionRule.breaches(in: file(line, path: "Sources/\(module)/A.swift")).count
        }
        #expect(breaches("import Marketplace", in: "Chaos") == 1)
        #expect(breaches("@testable import Chaos", in: "Marketplace") == 1)
        #expect(breaches("import Resilience", in: "Postgres") == 1)
        #expect(breaches("import struct Postgres.Rows", in: "Redis") == 1)
        #expect(breaches("import Testing", in: "Generators") == 1)
        #expect(breaches("import Anything", in: "Novelty") == 1)
        #expect(breaches("import Postgres", in: "Marketplace") == 0)
        #expect(breaches("import Foundation", in: "Chaos") == 0)
        #expect(breaches("// import Marketplace", in: "Chaos") == 0)
    }

    @Test("a manifest that allows the wrong direction is seen")
    func manifest() {
        func breaches(_ text: String) -> Int {
            DirectionRule.breaches(inManifest: file(text, path: "Package.swift")).count
        }
        #expect(breaches(".target(\n name: \"Chaos\",\n dependencies: [\n \"CSystemShims\", \"Marketplace\"])") == 1)
        #expect(breaches(".target(name: \"Generators\", dependencies: [\"Postgres\"])") == 1)
        #expect(breaches(".target(\n name: \"Chaos\",\n dependencies: [\"CSystemShims\", \"Generators\"])") == 0)
        #expect(breaches(".testTarget(\n name: \"Units\", dependencies: [\"Chaos\", \"Marketplace\"])") == 0)
    }

    @Test("what is left to be done is seen, in comments too")
    func leftovers() {
        #expect(LeftoverRule.breaches(in: file("// TO" + "DO: later")).count == 1)
        #expect(LeftoverRule.breaches(in: file("let todoList = 1")) == [])
    }
}
