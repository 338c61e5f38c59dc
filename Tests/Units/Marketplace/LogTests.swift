import Foundation
import Synchronization
import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// What a server writes down of what it does.
    @Suite("logs", .timeLimit(.minutes(2)))
    struct LogTests {
        private static let logging = SettingsChange {
            $0.server.accessLog = true
            $0.server.logLevel = .notice
        }

        @Test("every line is JSON; a request's has the id of its answer, and names the nodes that served it")
        func accessLog() async throws {
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
            let handle = try FileHandle(forWritingTo: file)
            defer {
                try? handle.close()
                try? FileManager.default.removeItem(at: file)
            }
            let sink = LogSink(descriptor: handle.fileDescriptor, dropped: Counter())
            try await MarketplaceFleet.shared().serve(Self.logging, logSink: sink) { client in
                let store = try await client.makeStore()
                let path = "/v1/stores/\(store)"
                try await eventually("every replica has the store") {
                    let answers = try await atOnce(4) { _ in try await client.get(path) }
                    return answers.allSatisfy { $0.status == .ok }
                }
                let write = try await client.request(
                    .put, path, #"{"name":"New","currency":"EUR"}"#, ["If-Match": "*", "X-Request-Id": "the-write"])
                let read = try await client.get(path)
                #expect(write.header("X-Request-Id") == "the-write")

                sink.flush()
                let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                let entries = try lines.map { JSON(try JSONSerialization.jsonObject(with: Data($0.utf8))) }
                #expect(entries.allSatisfy { $0["time"].string != nil && $0["server"].string == "server" })
                let requests = entries.filter { $0["message"].string == "request" }
                for (method, answer) in [("PUT", write), ("GET", read)] {
                    let id = try #require(answer.header("X-Request-Id"))
                    let ids = requests.map { $0["requestId"].string ?? "" }
                    #expect(ids.count { $0 == id } == 1)
                    let entry = requests[try #require(ids.firstIndex(of: id))]
                    #expect(entry["method"].string == method && entry["path"].string == path)
                    #expect(entry["status"].int == 200 && entry["milliseconds"].int != nil)
                    #expect(entry["nodes"].array.compactMap(\.string) == answer.nodes)
                }
                #expect(write.nodes == ["shard-0-primary"])
                #expect(read.nodes.count == 1 && ReplicaTests.replicas.contains(read.nodes.first ?? ""))
            }
        }

        @Test("when nobody reads the log, lines are dropped whole and counted, and nobody waits for it")
        func slowReader() async throws {
            var ends: [Int32] = [0, 0]
            let failed = pipe(&ends) != 0
            try #require(!failed)
            let (reader, writer) = (ends[0], ends[1])
            // Not for what other tests start meanwhile: the reader would see no end while it runs.
            for end in [reader, writer] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            defer { close(writer) }
            let dropped = Counter()
            let sink = LogSink(descriptor: writer, dropped: dropped)
            // As much as may wait is also on its way, into a pipe that takes the length of one line.
            let length = 1 << 16
            let count = 3 * LogSink.maximumBufferedBytes / length
            for number in 0..<count {
                let name = Array(String(1000 + number).utf8)
                sink.write(name + [UInt8](repeating: UInt8(ascii: "x"), count: length - 1 - name.count))
            }
            let kept = count - dropped.value
            #expect(dropped.value > 0 && kept >= LogSink.maximumBufferedBytes / length)

            let received = Mutex<[UInt8]>([])
            Thread.detachNewThread {
                let handle = FileHandle(fileDescriptor: reader, closeOnDealloc: true)
                var data = handle.availableData
                while !data.isEmpty {
                    received.withLock { $0 += data }
                    data = handle.availableData
                }
            }
            sink.flush()
            try await eventually("what was taken has come") { received.withLock { $0.count } == kept * length }
            let bytes = received.withLock { $0 }
            try #require(bytes.count == kept * length)
            let starts = Array(stride(from: 0, to: bytes.count, by: length))
            let names = starts.map { String(decoding: bytes[$0..<$0 + 4], as: UTF8.self) }
            #expect(names == Set(names).sorted())
            #expect(starts.allSatisfy { bytes[$0 + length - 1] == UInt8(ascii: "\n") })
        }
    }
}
