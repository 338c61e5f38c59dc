import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import Chaos

@Suite struct HistoryTests {
    private func temporaryFile() -> FilePath {
        FilePath(FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID()).jsonl").path)
    }

    @Test("what is recorded is read back, also by many at once, in the order of index and time")
    func roundTrip() async throws {
        let path = temporaryFile()
        defer { try? FileManager.default.removeItem(atPath: path.string) }
        let recorder = try HistoryRecorder(path: path, clock: RunClock())
        await withDiscardingTaskGroup { group in
            for process in 0..<8 {
                group.addTask {
                    for number in 0..<200 {
                        recorder.record(
                            .client(process), .invoke, "product", key: "p\u{7}\"\\\n-\(number)", value: ["rank": 1.5])
                        recorder.record(.client(process), .ok, "product", key: "p", value: ["status": 200])
                    }
                }
            }
        }
        recorder.record(.nemesis, .info, "inject", key: "cache", value: ["fault": "kill"])
        try recorder.close()
        let events = try HistoryReader.read(path)
        #expect(events == recorder.events())
        #expect(events.count == 3_201)
        #expect(Operation.pair(events).count == 1_600)
    }

    @Test("a line has the documented shape")
    func shape() {
        var writer = JSONWriter()
        HistoryEvent(
            index: 0, time: 123_456_789, process: .client(3), type: .invoke, function: "read", key: "sku-1",
            value: ["b": 1, "a": nil ?? .null]
        ).write(to: &writer)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"index":0,"time":123456789,"process":3,"type":"invoke","#
                + #""f":"read","key":"sku-1","value":{"a":null,"b":1}}"#
                + "\n")
    }

    @Test(
        "a history that cannot be is refused, with its line",
        arguments: [
            ("{\"index\":0,\"time\":1,\"process\":0,\"type\":\"ok\"}", "h:1: `f` must be a string"),
            ("\n[1]", "h:2: the line is a list, not a mapping"),
            ("{\"index\":1,\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"r\"}", "h:1: `index` is 1 where 0 is next"),
            ("{\"index\":0,\"time\":1,\"process\":\"x\",\"type\":\"ok\",\"f\":\"r\"}", "h:1: `process` must be"),
            ("{\"index\":0,\"time\":1,\"process\":0,\"type\":\"done\",\"f\":\"r\"}", "h:1: `type` must be one of"),
            ("{\"index\":0", "h:1: not valid JSON at byte 10"),
        ])
    func refusals(text: String, message: String) {
        let error = #expect(throws: HistoryReader.Failure.self) {
            try HistoryReader.parse(Array(text.utf8), path: "h")
        }
        #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test("time that runs backwards is refused")
    func backwards() {
        let line = #"{"index":0,"time":5,"process":0,"type":"invoke","f":"r"}"#
        let text = line + "\n" + line.replacing("\"index\":0", with: "\"index\":1").replacing(":5", with: ":4")
        #expect(throws: HistoryReader.Failure.self) { try HistoryReader.parse(Array(text.utf8), path: "h") }
    }

    @Test("a missing file is named")
    func missing() {
        let error = #expect(throws: HistoryReader.Failure.self) { try HistoryReader.read("/nowhere/history.jsonl") }
        #expect(error?.description.contains("/nowhere/history.jsonl") == true)
    }

    @Test("an operation takes its latency from when it was due, and stays open without an end")
    func pairing() {
        let events = [
            HistoryEvent(
                index: 0, time: 30, process: .client(0), type: .invoke, function: "order", key: "k",
                value: ["scheduled": 10, "server": "server-1"]),
            HistoryEvent(index: 1, time: 35, process: .client(1), type: .invoke, function: "product"),
            HistoryEvent(
                index: 2, time: 50, process: .client(0), type: .info, function: "order", key: "k",
                value: ["code": "client-timeout"]),
        ]
        let operations = Operation.pair(events)
        #expect(operations.count == 2)
        #expect(operations[0].latency == 40 && operations[0].outcome == .info && operations[0].server == "server-1")
        #expect(operations[0].isError)
        #expect(operations[1].end == nil && operations[1].outcome == nil)
    }

    @Test("metrics samples are read back")
    func samples() throws {
        let samples = [
            MetricsSample(time: 1, source: "s", content: .readiness(ready: false, breakers: ["cache": "open"])),
            MetricsSample(time: 2, source: "s", content: .counters(["a{b=\"c\"}": 2.5])),
            MetricsSample(time: 3, source: "s", content: .unreachable("refused")),
            MetricsSample(time: 4, source: "generator", content: .schedulingDelay(9)),
        ]
        for sample in samples {
            #expect(MetricsSample(try JSONParser.parse(sample.json.text.utf8)) == sample)
        }
    }
}
