import ArgumentParser
import NIOCore

/// What every comparison with another tool takes.
struct RunOptions: ParsableArguments {
    @Option(help: "Tasks that each wait for their answer before they ask again.")
    var tasks = 64
    @Option(help: "Seconds of each run.")
    var seconds = 3
    @Option(help: "Runs of each; the median counts.")
    var runs = 5

    func validate() throws {
        for (name, value) in [("tasks", tasks), ("seconds", seconds), ("runs", runs)] where value < 1 {
            throw ValidationError("--\(name) is \(value): give 1 or more")
        }
    }

    /// Runs both in turn and compares their medians.
    /// - Parameters: each `name` says what was measured; each closure returns answers a second.
    func compare(
        _ unit: String, least: Double, theirs: (name: String, run: () async throws -> Double),
        ours: (name: String, run: () async throws -> Double)
    ) async throws -> Comparison {
        var rates: (theirs: [Double], ours: [Double]) = ([], [])
        for _ in 0..<runs {
            rates.theirs.append(try await theirs.run())
            rates.ours.append(try await ours.run())
        }
        let comparison = Comparison(ours: median(rates.ours), theirs: median(rates.theirs), least: least)
        print("\(theirs.name): \(Int(comparison.theirs)) \(unit)/s")
        print("\(ours.name): \(Int(comparison.ours)) \(unit)/s")
        print("ratio: \((comparison.ratio * 100).rounded() / 100) (at least \(least))")
        return comparison
    }

    /// Asks with all tasks at once for ``seconds``.
    /// - Parameters:
    ///   - executor: where the tasks run: on the client's own event loop, as a server has its requests run on the loop
    ///     of their connection.
    ///   - ask: one question, given the task's number, how many it has asked and the moment.
    /// - Returns: answers a second.
    func rate(
        on executor: any TaskExecutor,
        _ ask: @escaping @Sendable (_ task: Int, _ count: Int, _ now: ContinuousClock.Instant) async throws -> Void
    ) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask(executorPreference: executor) {
                    var count = 0
                    var now = clock.now
                    while now < end {
                        try await ask(task, count, now)
                        count += 1
                        now = clock.now
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(answers) / ((clock.now - start) / .seconds(1))
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

/// Runs tasks on an event loop.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Two medians of one run.
struct Comparison {
    var ours: Double
    var theirs: Double
    /// The ratio that passes.
    var least: Double

    var ratio: Double { ours / theirs }
    var isGoodEnough: Bool { ratio >= least }
}
