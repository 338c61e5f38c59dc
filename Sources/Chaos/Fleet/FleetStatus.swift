import Foundation

/// What `chaos status --json` prints.
public struct FleetStatus: Codable, Sendable, Equatable {
    /// The fleet's name.
    public var fleet: String
    /// What its nodes run on.
    public var runtime: RuntimeKind
    /// In the order of the topology.
    public var nodes: [Node]
    /// In the order of the topology.
    public var links: [Link]
    /// Those in force, oldest first.
    public var faults: [FaultStatus]

    /// One node as it is now.
    public struct Node: Codable, Sendable, Equatable {
        public var name: String
        /// Its role now: `primary`, `replica`, `redis`, `service`; nil when it does not answer.
        public var role: String?
        /// Where the controller reaches it; nil when it has no address now.
        public var address: String?
        /// The process at the head of its tree; nil in a container or when it does not run.
        public var pid: Int32?
        /// Its container; nil for a process.
        public var container: String?
        public var state: NodeState
    }

    /// One link through the proxy.
    public struct Link: Codable, Sendable, Equatable {
        /// `client:server`.
        public var name: String
        /// Where its client connects to.
        public var listen: String
        /// Where it leads.
        public var upstream: String
        /// Names of the toxics on it.
        public var toxics: [String]
    }

    /// One fault in force.
    public struct FaultStatus: Codable, Sendable, Equatable {
        public var id: String
        /// Kind and parameters: `latency latency=300ms`.
        public var fault: String
        /// The node or link, by name.
        public var target: String
        /// When it was injected.
        public var since: Date
        /// When it is healed by itself; nil if it is not.
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
