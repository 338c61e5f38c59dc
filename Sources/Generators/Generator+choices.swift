extension Generator {
    /// One of some values, evenly; shrinks to the first.
    public static func element(of values: [Value]) -> Generator {
        precondition(!values.isEmpty, "there is nothing to choose from")
        return Generator { (source: inout ChoiceSource) throws(Rejection) in
            values[Int(try source.draw(upTo: UInt64(values.count - 1)))]
        }
    }

    /// A value of one of some generators, evenly; shrinks to the first.
    public static func oneOf(_ generators: Generator...) -> Generator {
        oneOf(generators)
    }

    /// A value of one of some generators, evenly; shrinks to the first.
    public static func oneOf(_ generators: [Generator]) -> Generator {
        frequency(generators.map { (1, $0) })
    }

    /// A value of one of some generators, by weight; shrinks to the first, so put the simplest there.
    public static func frequency(_ weighted: [(weight: Int, generator: Generator)]) -> Generator {
        let choices = weighted.filter { $0.weight > 0 }
        precondition(!choices.isEmpty, "there is nothing to choose from")
        let total = choices.reduce(0) { $0 + $1.weight }
        return Generator { (source: inout ChoiceSource) throws(Rejection) in
            // The choice is recorded as an index, so that weights do not slow down shrinking.
            let index = try source.draw(upTo: UInt64(choices.count - 1)) { random in
                var ticket = Int.random(in: 0..<total, using: &random)
                return choices.firstIndex { choice in
                    ticket -= choice.weight
                    return ticket < 0
                }.map(UInt64.init)
            }
            return try choices[Int(index)].generator.draw(from: &source)
        }
    }

    /// Nothing, one time in four, or a value; shrinks to nothing.
    public static func optional<Wrapped>(_ generator: Generator<Wrapped>) -> Generator where Value == Wrapped? {
        frequency([(1, .always(nil)), (3, generator.map { $0 })])
    }
}
