/// What clients do while something is broken: open-loop, so that arrivals keep to their schedule however slow the
/// answers are.
public struct Workload: Sendable, Equatable {
    /// Sent side by side.
    public var parts: [Part]

    /// Makes a workload from its parts.
    public init(_ parts: [Part]) { self.parts = parts }

    /// One kind of request at its rate.
    public enum Part: Sendable, Equatable {
        /// Reads of products and of product lists over all stores, `rate` a second.
        case browse(rate: Double)
        /// Orders, `rate` a second; the share `doubleClick` of them is sent twice at once with the same key.
        /// What is not answered within `timeout` is asked again.
        case order(rate: Double, doubleClick: Double, timeout: Duration)
        /// Steps of clients that carry their consistency token, `rate` a second over all of them: each changes a
        /// product of its own, reads it on either server, and looks at another's.
        case session(rate: Double, sessions: Int)
        /// Lists of all stores and searches over all of them, `rate` a second.
        case lists(rate: Double)

        /// Requests a second.
        public var rate: Double {
            switch self {
            case .browse(let rate), .order(let rate, _, _), .session(let rate, _), .lists(let rate): rate
            }
        }
    }

    /// A part's rate beyond this is refused: the generator shares the machine with what it measures.
    public static let maximumRate = 50_000.0
    /// More sessions than this are refused.
    public static let maximumSessions = 1_000

    /// Reads of products and lists, a second.
    public static func browse(rate: Double) -> Workload { Workload([.browse(rate: rate)]) }

    /// How long a client waits for an order's answer unless told otherwise.
    public static let orderTimeout = Duration.milliseconds(200)

    /// Orders a second, of which a share is sent twice at once with the same key.
    public static func order(
        rate: Double, doubleClick: Double = 0.05, timeout: Duration = orderTimeout
    ) -> Workload {
        Workload([.order(rate: rate, doubleClick: doubleClick, timeout: timeout)])
    }

    /// Steps a second of so many clients that carry their consistency token.
    public static func session(rate: Double, sessions: Int = 20) -> Workload {
        Workload([.session(rate: rate, sessions: sessions)])
    }

    /// Lists over all shards, a second.
    public static func lists(rate: Double) -> Workload { Workload([.lists(rate: rate)]) }

    /// Both at once.
    public func and(_ other: Workload) -> Workload { Workload(parts + other.parts) }

    /// Whether it places orders.
    public var hasOrders: Bool {
        parts.contains { if case .order = $0 { true } else { false } }
    }

    /// How many clients with a session there are.
    var sessionCount: Int {
        parts.reduce(0) { if case .session(_, let sessions) = $1 { max($0, sessions) } else { $0 } }
    }
}
