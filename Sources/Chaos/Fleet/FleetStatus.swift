import Foundation

/// What `chaos status --json` prints.
public struct FleetStatus: Codable, Sendable, Equatable {
    public var fleet: String
    public var runtime: RuntimeKind
    public var nodes: [Node]
    public var links: [Link]
    public var faults: [FaultStatus]

    public struct Node: Codable, Sendable, Equatable {
        public var name: String
        /// Its role now: `primary`, `replica`, `redis`, `service`; nil when it does not answer.
        public var role: String?
        /// Where the controller reaches it; nil when it has no address now.
        public var address: String?
        public var pid: Int32?
        public var container: String?
        public var state: NodeState
    }

    public struct Link: Codable, Sendable, Equatable {
        /// `client:server`.
        public var name: String
        public var listen: String
        public var upstream: String
        /// Names of the toxics on it.
        public var toxics: [String]
    }

    public struct FaultStatus: Codable, Sendable, Equatable {
        public var id: String
        /// Kind and parameters: `latency latency=300ms`.
        public var fault: String
        public var target: String
        public var since: Date
        public var until: Date?
        /// Whether it is in force by the look taken for this status.
        public var verified: Bool
    }

    /// The JSON of interfaces: sorted keys, ISO 8601 times.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
