import Foundation
import SystemPackage
import Testing

@testable import Chaos

@Suite("Ledger")
struct LedgerTests {
    private let file = FilePath(NSTemporaryDirectory()).appending("ledger-\(UInt64.random(in: 0 ... .max))")

    private static func record(_ id: String) -> FaultRecord {
        FaultRecord(
            id: id, fault: .pause, target: .node("cache"), since: Date(timeIntervalSince1970: 5), until: nil,
            controller: ProcessIdentity(pid: 7, startTime: 8, bootID: "b"))
    }

    private static let header = LedgerHeader(
        name: "f", runtime: .process, topology: Topology(name: "t", nodes: [.init(name: "cache", kind: .redis)]),
        passedVariables: [:], isKept: true, controller: ProcessIdentity(pid: 1, startTime: 2, bootID: "b"))

    private static let started = StartedNode(handle: .container("abc"), address: HostPort(host: "h", port: 1))

    private static let story: [LedgerEntry] = [
        .fleet(header), .starting(node: "cache"), .started(node: "cache", as: started), .ready,
        .injecting(record("p-1")), .injected(fault: "p-1"), .injecting(record("p-2")), .healed(fault: "p-1"),
    ]

    @Test("lines add up to a state")
    func addsUp() throws {
        defer { unlink(file.string) }
        let ledger = Ledger(path: file)
        _ = FileManager.default.createFile(atPath: file.string, contents: nil)
        for entry in Self.story { try ledger.append(entry) }
        let state = try ledger.state()
        #expect(state.header == Self.header)
        #expect(state.nodes == ["cache": Self.started])
        #expect(state.starting.isEmpty)
        #expect(state.faults == [Self.record("p-2")])
        #expect(state.staysWithoutController)
    }

    @Test("a crash at any byte loses at most the line being written")
    func crashPoints() throws {
        defer { unlink(file.string) }
        let ledger = Ledger(path: file)
        _ = FileManager.default.createFile(atPath: file.string, contents: nil)
        var states = [LedgerState()]
        var ends = [0]
        for entry in Self.story {
            try ledger.append(entry)
            states.append(try ledger.state())
            ends.append(FileManager.default.contents(atPath: file.string)!.count)
        }
        let whole = FileManager.default.contents(atPath: file.string)!
        for length in 0...whole.count {
            // A line counts from its last brace on, one byte before its end.
            let lines = ends.lastIndex { $0 <= length + 1 }!
            #expect(Ledger.state(of: whole.prefix(length)) == states[lines], "cut at byte \(length)")
        }
    }

    @Test("what is written after a torn line counts")
    func goesOnAfterTornLine() throws {
        defer { unlink(file.string) }
        try Data(#"{"starting":{"no"#.utf8).write(to: URL(fileURLWithPath: file.string))
        let ledger = Ledger(path: file)
        try ledger.append(.ready)
        #expect(try ledger.state().isReady)
    }

    @Test("lines of many writers never mix")
    func concurrent() async throws {
        defer { unlink(file.string) }
        let ledger = Ledger(path: file)
        _ = FileManager.default.createFile(atPath: file.string, contents: nil)
        try await withThrowingTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<10 { try ledger.append(.injecting(Self.record("\(writer)-\(number)"))) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try Set(ledger.state().faults.map(\.id)).count == 80)
    }

    @Test("a ledger that is gone is an error that says so")
    func gone() {
        let error = #expect(throws: FleetError.self) { try Ledger(path: "/no/such/ledger").state() }
        #expect("\(error!)".contains("is the fleet gone?"))
    }
}
