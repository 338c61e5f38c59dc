/// Draws ids from the environment's clock and randomness.
public struct IDGenerator: Sendable {
    let environment: Environment

    /// Bits of randomness below the milliseconds of a time-ordered number.
    private static let randomBits: UInt64 = 22

    /// Draws from the environment's clock and randomness.
    public init(environment: Environment) {
        self.environment = environment
    }

    /// A store's number: 62 random bits, never 0.
    public func store() -> StoreID {
        StoreID(number: Int64(environment.random() >> 2 | 1))
    }

    /// A fresh id that lives with the store.
    public func item<Item: StoreItem>(of store: StoreID) -> ItemID<Item> {
        ItemID(store: store, number: timeOrdered())
    }

    /// A request id: 13 base-32 digits.
    public func request() -> String {
        Base32.text(prefix: "rq_", numbers: [Int64(environment.random() >> 2 | 1)])
    }

    /// 41 bits of milliseconds since 1970 and 22 random ones: newest first is the primary key backwards. Two alike in
    /// one store and millisecond are refused by that key and drawn again.
    private func timeOrdered() -> Int64 {
        Self.timeOrdered(milliseconds: environment.wallClock().microseconds / 1000, random: environment.random())
    }

    static func timeOrdered(milliseconds: Int64, random: UInt64) -> Int64 {
        let time = UInt64(bitPattern: milliseconds) & (1 << 41 - 1)
        return Int64(time << randomBits | random & (1 << randomBits - 1))
    }
}
