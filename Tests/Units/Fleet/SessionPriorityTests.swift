import Foundation
import Testing

@testable import Chaos

@Suite("The load generator's session priority")
struct SessionPriorityTests {
    private let file = FileManager.default.temporaryDirectory.appending(path: "autogroup-\(UUID().uuidString)")

    @Test("the new value is written, and the one before it comes back")
    func set() throws {
        try Data("/autogroup-64573 nice 3\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(SessionPriority(file: file.path).set(-15) == 3)
        #expect(try String(contentsOf: file, encoding: .utf8).hasPrefix("-15"))
    }

    @Test("a kernel without the feature, or with another form of it, is left alone")
    func absent() throws {
        #expect(SessionPriority(file: file.path).set(-15) == nil)
        try Data("something else\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(SessionPriority(file: file.path).set(-15) == nil)
        #expect(try String(contentsOf: file, encoding: .utf8) == "something else\n")
    }
}
