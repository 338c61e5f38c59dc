import SystemPackage

/// The text of a node's `postgresql.conf`.
enum PostgresConfiguration {
    /// Set for every node of a fleet; a topology's own `settings` win.
    static let defaults: [String: String] = [
        // Faults kill processes, never the kernel: what was written is in the page cache and survives them, so that
        // neither synchronising nor whole pages in the WAL would save anything.
        "fsync": "off",
        "full_page_writes": "off",
        // From the start, since it can only be changed by a restart and moving stores needs it.
        "wal_level": "logical",
        "max_wal_senders": "10",
        "max_replication_slots": "16",
        // Kept WAL must not fill the disk while a replica is away; past it the replica is copied anew.
        "max_slot_wal_keep_size": "256MB",
        "max_wal_size": "128MB",
        "min_wal_size": "16MB",
        "hot_standby_feedback": "on",
        // Reconnect as fast as a service does, not after five seconds.
        "wal_retrieve_retry_interval": "200ms",
        "wal_sender_timeout": "3s",
        "wal_receiver_timeout": "3s",
        "wal_receiver_status_interval": "1s",
        // One open transaction stalls the event log.
        "idle_in_transaction_session_timeout": "1s",
        "max_connections": "200",
        "shared_buffers": "32MB",
        "jit": "off",
        // In files below the data directory, so that a kill leaves nothing in /dev/shm.
        "dynamic_shared_memory_type": "mmap",
        "log_line_prefix": "%m [%p] %a ",
        "timezone": "UTC",
        "log_timezone": "UTC",
    ]

    /// - Parameters:
    ///   - socketDirectory: the only place it listens; the links lead here.
    ///   - upstream: of a replica, where its link to the primary listens, and the slot that is its own.
    static func text(
        settings: [String: String], socketDirectory: FilePath, upstream: (address: HostPort, node: String)?
    ) -> String {
        var all = defaults.merging(settings) { $1 }
        all["listen_addresses"] = ""
        all["unix_socket_directories"] = socketDirectory.string
        all["unix_socket_permissions"] = "0777"
        all["port"] = "5432"
        if let upstream {
            all["primary_conninfo"] = connectionText(upstream.address, node: upstream.node)
            all["primary_slot_name"] = slot(of: upstream.node)
        }
        return all.sorted { $0.key < $1.key }.map { "\($0.key) = \(quoted($0.value))\n" }.joined()
    }

    /// The files that make a data directory this node's: a primary's, or a replica's of `upstream`. The last one says
    /// that the others are there.
    static func files(
        of node: Topology.Node, upstream: String?, in context: FleetContext, link: (Link) throws -> HostPort
    ) rethrows -> [(name: String, content: String)] {
        let address = try upstream.map { (try link(Link(client: node.name, server: $0)), node.name) }
        let text = text(
            settings: context.topology.postgresSettings(of: node), socketDirectory: context.nodeDirectory(node.name),
            upstream: address)
        let signal = upstream == nil ? [] : [(standbySignal, "")]
        return [("postgresql.conf", text)] + signal + [("seaworthy.configured", "")]
    }

    /// The file by which a server starts as a standby; gone once it is promoted.
    static let standbySignal = "standby.signal"

    /// The replication slot of a replica, the same on every server it may follow.
    static func slot(of node: String) -> String {
        String(node.map { $0 == "-" ? "_" : $0 })
    }

    static func connectionText(_ address: HostPort, node: String) -> String {
        """
        host=\(address.host) port=\(address.port) user=\(FleetDatabase.user) application_name=\(node) \
        connect_timeout=2 sslmode=disable gssencmode=disable
        """
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("'", with: "''") + "'"
    }
}
