import ArgumentParser

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A redis-server for the length of one benchmark, and the tools that come with it.
struct BenchmarkRedisServer {
    let port: Int
    private let process: pid_t

    init() throws {
        port = 20_000 + Int(getpid()) % 12_000
        let arguments = [
            "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--loglevel", "warning", "--logfile", "/dev/null",
        ]
        var process = pid_t()
        let words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let status = posix_spawnp(&process, "redis-server", nil, nil, words, environ)
        guard status == 0 else {
            throw ValidationError("redis-server did not start: \(String(cString: strerror(status))); install it first")
        }
        self.process = process
    }

    func waitUntilReady() throws {
        let answer = try output(
            of: "for try in $(seq 200); do redis-cli -p \(port) ping 2>/dev/null && exit; sleep 0.025; done")
        guard answer == "PONG\n" else { throw ValidationError("redis-server did not answer on port \(port)") }
    }

    /// GET a second, as redis-benchmark prints it, of 50 connections without pipelining.
    func redisBenchmark(requests: Int) throws -> Double {
        let output = try output(
            of: "redis-benchmark -p \(port) -t get -c 50 -P 1 -n \(requests) -r 1000 --csv 2>/dev/null")
        // "GET","81000.00",…
        let fields = output.split(separator: "\n").last?.split(separator: ",") ?? []
        guard fields.count > 1, let rate = Double(fields[1].filter { $0 != "\"" }) else {
            throw ValidationError("redis-benchmark printed no rate but: \(output)")
        }
        return rate
    }

    func stop() {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    private func output(of command: String) throws -> String {
        guard let pipe = popen(command, "r") else { throw ValidationError("no shell for \(command)") }
        defer { pclose(pipe) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, pipe)
            if count == 0 { return String(decoding: output, as: UTF8.self) }
            output += chunk[..<count]
        }
    }
}
