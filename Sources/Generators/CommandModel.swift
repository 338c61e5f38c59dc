/// A simple model of a stateful thing: which commands make sense now, what they do to the model, and what the real
/// thing must answer.
///
/// After QuickCheck's state machines: Koen Claessen and John Hughes, "Testing Monadic Code with QuickCheck", Haskell
/// Workshop 2002; Thomas Arts et al., "Testing Telecoms Software with Quviq QuickCheck", Erlang Workshop 2006.
public protocol CommandModel: Sendable {
    /// Something that can be done to the real thing.
    associatedtype Command: Sendable
    /// The real thing.
    associatedtype System: Sendable

    /// The model of a fresh system.
    init()

    /// The commands that are applicable in this state; nil when there is none, which ends the sequence.
    var commands: Generator<Command>? { get }

    /// What a command does to the model.
    mutating func apply(_ command: Command)

    /// Does the command to the real thing and checks the answer against this state, in which it has not been applied
    /// yet.
    /// - Throws: when a postcondition does not hold; ``ensure(_:_:file:line:)`` says it shortly.
    func run(_ command: Command, on system: inout System) async throws

    /// Checks what always holds; called on the state after each command.
    /// - Throws: when it does not hold.
    func checkInvariants(of system: System) async throws
}

extension CommandModel {
    /// Nothing always holds unless the model says so.
    public func checkInvariants(of system: System) async throws {}
}

/// A sequence of commands, each applicable in the state that those before it lead to.
public struct CommandSequence<Model: CommandModel>: Sendable, CustomStringConvertible {
    /// The commands, in order.
    public let commands: [Model.Command]

    /// Runs them all on a fresh system, beside a fresh model.
    /// - Throws: the first postcondition or invariant that does not hold.
    public func run(
        on system: consuming Model.System, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        var system = system
        var model = Model()
        for command in commands {
            try await model.run(command, on: &system)
            model.apply(command)
            try await model.checkInvariants(of: system)
        }
    }

    /// One command a line.
    public var description: String {
        commands.isEmpty
            ? "no commands" : commands.enumerated().map { "\n  \($0 + 1). \($1)" }.joined()
    }
}

extension Generator {
    /// Sequences of commands that make sense for a model. They shrink by leaving out commands and simplifying the rest;
    /// whatever is left is applicable, because it is generated anew against the model.
    public static func commands<Model: CommandModel>(
        _ model: Model.Type, count: ClosedRange<Int> = 0...50
    ) -> Generator where Value == CommandSequence<Model> {
        Generator { (source: inout ChoiceSource) throws(Rejection) in
            var state = Model()
            let commands = try source.elements(count: count) {
                (source: inout ChoiceSource) throws(Rejection) -> Model.Command? in
                guard let command = try state.commands?.draw(from: &source) else { return nil }
                state.apply(command)
                return command
            }
            return CommandSequence(commands: commands)
        }
    }
}
