#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a check takes from outside: the time, a seed when none is given, and the variables that replay a case.
///
/// This file is the module's one live environment; nothing else in it reads a clock, the machine's randomness or the
/// process's variables.
struct LiveEnvironment: Sendable {
    var now: @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }
    var freshSeed: @Sendable () -> UInt64 = {
        var random = SystemRandomNumberGenerator()
        return random.next() >> 16
    }
    var variable: @Sendable (_ name: String) -> String? = { name in
        getenv(name).map { String(cString: $0) }
    }
}
