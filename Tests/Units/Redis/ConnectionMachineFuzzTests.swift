import Generators
import Testing

@testable import Redis

/// Random event orders against a model of a server: whatever happens, each caller is answered once, and with its own
/// reply or the truth about its command.
@Suite("One Redis connection under random events")
struct ConnectionMachineFuzzTests {
    @Test("no reply is mixed up, no caller is lost, no outcome is false", arguments: 1...200)
    func storm(seed: UInt64) {
        var storm = Storm(seed: seed)
        for _ in 0..<600 { storm.step() }
        storm.finish()
        #expect(storm.breaches.isEmpty, "seed \(seed): \(storm.breaches.prefix(5))")
        #expect(storm.successes > 0, "seed \(seed): the storm let nothing through, so it showed nothing")
    }
}

private struct Storm {
    private var dice: SplitMix64
    private var bench: MachineBench
    private var tickets: [UInt64] = []
    private var accepted: Set<Int> = []
    private var callers = 0
    /// Per generation, the callers whose commands its server has read and not yet answered.
    private var atServer: [Int: [Int]] = [:]
    private var loggedIn: Set<Int> = []
    private var everWritten: Set<Int> = []
    private var writtenSeen = 0
    private(set) var breaches: [String] = []

    var successes: Int { bench.answers.values.count { $0.outcome == nil } }

    init(seed: UInt64) {
        dice = SplitMix64(seed: seed)
        var settings = RedisSettings()
        settings.maximumPendingCommands = 40
        bench = MachineBench(settings)
        bench.act(bench.machine.start(now: bench.now))
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<35: submit()
        case 35..<50: bench.send()
        case 50..<70: answer()
        case 70..<80: if let ticket = tickets.randomElement(using: &dice) { bench.act(bench.machine.cancel(ticket)) }
        case 80..<88: bench.tick(after: .milliseconds(Int.random(in: 0...120, using: &dice)))
        case 88..<94: open(generation: Bool.random(using: &dice) ? bench.connecting : randomGeneration())
        case 94..<96: bench.lose(.connectionLost("storm"), generation: randomGeneration())
        case 96: bench.lose(.connectionLost("storm"))
        // One that nobody asked for: on an old channel, or when nothing is awaited. In between it could not be told.
        case 97:
            note()
            let generation = randomGeneration()
            let isAwaited = generation == bench.machine.generation && !(atServer[generation] ?? []).isEmpty
            if !isAwaited { bench.reply([.integer(-1)], generation: generation) }
        default: for _ in 0..<8 { submit() }
        }
        // Most of the time the network works.
        if bench.connecting == bench.machine.generation, Int.random(in: 0..<4, using: &dice) == 0 {
            open(generation: bench.connecting)
            answer()
        }
        note()
    }

    /// After the end every caller that was taken in has its answer.
    mutating func finish() {
        bench.act(bench.machine.shutdown())
        check()
        let silent = accepted.subtracting(bench.answers.keys)
        if !silent.isEmpty { breaches.append("never answered: \(silent)") }
        if bench.machine.queue.count != 0 || bench.machine.queue.byteCount != 0 { breaches.append("queue not empty") }
    }

    private mutating func randomGeneration() -> Int { Int.random(in: 0...bench.machine.generation, using: &dice) }

    private mutating func submit() {
        callers += 1
        let limit = Duration.milliseconds(Int.random(in: -5...400, using: &dice))
        if let ticket = try? bench.submit(callers, within: limit) {
            tickets.append(ticket)
            accepted.insert(callers)
            if bench.machine.nextWake == nil { breaches.append("nothing would wake caller \(callers)") }
        }
    }

    private mutating func open(generation: Int) {
        bench.act(bench.machine.opened(generation: generation, now: bench.now))
    }

    /// The server of some generation answers some of what it has read, in order; mostly the present one.
    private mutating func answer() {
        note()
        let generation = Int.random(in: 0..<5, using: &dice) == 0 ? randomGeneration() : bench.machine.generation
        if case .loggingIn = bench.machine.phase, generation == bench.machine.generation {
            loggedIn.insert(generation)
            return bench.reply([.status("PONG")])
        }
        var waiting = atServer[generation] ?? []
        let count = Int.random(in: 0...min(6, waiting.count), using: &dice)
        let values = waiting.prefix(count).map { RedisValue.integer(Int64($0)) }
        waiting.removeFirst(count)
        atServer[generation] = waiting
        bench.reply(values, generation: generation)
    }

    /// Gives newly written commands to the server of the present generation.
    private mutating func note() {
        for caller in bench.written[writtenSeen...] {
            if !everWritten.insert(caller).inserted { breaches.append("\(caller) written twice") }
            if bench.answers[caller]?.outcome == .notSent { breaches.append("\(caller) written though not sent") }
            atServer[bench.machine.generation, default: []].append(caller)
        }
        writtenSeen = bench.written.count
    }

    private mutating func check() {
        note()
        breaches += bench.breaches
        for (caller, result) in bench.answers {
            switch result {
            case .success(let value):
                if value != .integer(Int64(caller)) { breaches.append("\(caller) got \(value)") }
                if !everWritten.contains(caller) { breaches.append("\(caller) answered before it was written") }
            case .failure(let error):
                if (error.outcome == .notSent) == everWritten.contains(caller) {
                    breaches.append("\(caller): \(error), written: \(everWritten.contains(caller))")
                }
            }
        }
    }
}
