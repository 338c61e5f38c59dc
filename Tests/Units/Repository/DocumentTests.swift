import Foundation
import Marketplace
import Testing

/// Documents that repeat what the code says, checked against it.
@Suite("The documents")
struct DocumentTests {
    @Test("docs/API.md lists every problem code with its status, and no other")
    func problemCodes() throws {
        let text = try String(contentsOf: Repository.root.appending(path: "docs/API.md"), encoding: .utf8)
        let listed = text.matches(of: #/\| `(\w+)` \| (\d{3}) \|/#).map { "\($0.1) \($0.2)" }
        let actual = ProblemCode.allCases.map { "\($0.rawValue) \($0.status.code)" }
        #expect(Set(listed) == Set(actual))
        #expect(listed.count == actual.count)
    }

    @Test("every file of docs/decisions has a number of its own")
    func decisions() throws {
        let folder = Repository.root.appending(path: "docs/decisions").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        for name in names { #expect(name.wholeMatch(of: #/\d{4}-[a-z0-9-]+\.md/#) != nil, "\(name)") }
        #expect(Set(names.map { $0.prefix(4) }).count == names.count)
    }
}
