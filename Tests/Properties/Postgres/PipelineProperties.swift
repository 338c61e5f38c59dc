import Generators
import Testing

@testable import Postgres

/// Each caller of a Postgres pipeline gets its own answer or an error, once, and the truth about what it changed.
@Suite("A Postgres pipeline, whatever happens in whatever order")
struct PipelineProperties {
    @Test("every caller is told once: its own rows, its own error, or what is true of its outcome")
    func everyCallerItsOwn() async throws {
        try await check(Generator.array(of: PipelineEvent.generator, count: 0...120), count: 500) { events in
            var bench = PipelineBench()
            for event in events { try bench.take(event) }
            try bench.finish()
        }
    }

    @Test("a server that answers nonsense is noticed, and nobody is told twice")
    func nonsense() async throws {
        let cases = zip(
            Generator.array(of: PipelineEvent.generator, count: 0...20),
            Generator<[Int]>.array(of: .int(in: 0...4), count: 1...20))
        try await check(cases, count: 300) { events, garbage in
            var bench = PipelineBench()
            for event in events { try bench.take(event) }
            for number in garbage { try bench.takeNonsense(number) }
            try bench.finishAfterNonsense()
        }
    }
}

/// What may happen to a pipeline.
enum PipelineEvent: Sendable {
    case read(sql: Int, milliseconds: Int)
    case unit(statements: [Int], isRepeatable: Bool, milliseconds: Int)
    /// The end of a tick.
    case flush
    /// The server answers some of what it has read.
    case answer(count: Int, Mood)
    case abandon(Int)
    case wait(milliseconds: Int)
    /// The server has lost its prepared statements, as behind a pooler.
    case forget
    /// The connection breaks, with or without a last word.
    case reset(hasLastWord: Bool)

    /// How the server takes the first of what it answers.
    enum Mood: Sendable, CaseIterable {
        case well, refuses, planChanged, commitFails, commitUnconfirmed
    }

    static var generator: Generator<PipelineEvent> {
        let sql = Generator<Int>.int(in: 0...5)
        let milliseconds = Generator<Int>.int(in: 1...400)
        let mood = Generator<Mood>.frequency([
            (6, .always(.well)), (2, .always(.refuses)), (1, .always(.planChanged)), (1, .always(.commitFails)),
            (1, .always(.commitUnconfirmed)),
        ])
        return .frequency([
            (6, zip(sql, milliseconds).map { .read(sql: $0, milliseconds: $1) }),
            (
                3,
                zip(.array(of: sql, count: 1...3), .bool, milliseconds).map {
                    .unit(statements: $0, isRepeatable: $1, milliseconds: $2)
                }
            ),
            (4, .always(.flush)),
            (8, zip(.int(in: 1...12), mood).map { .answer(count: $0, $1) }),
            (2, Generator<Int>.int(in: 0...30).map { .abandon($0) }),
            (1, Generator<Int>.int(in: 1...200).map { .wait(milliseconds: $0) }),
            (1, .always(.forget)),
            (1, Generator<Bool>.bool.map { .reset(hasLastWord: $0) }),
        ])
    }
}
