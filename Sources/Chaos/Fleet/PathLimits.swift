import SystemPackage

/// The kernel's limit on a Unix socket's path: `sun_path` holds 108 bytes on Linux and 104 on macOS, its end included.
enum PathLimits {
    static let socketPath = 103

    static func check(_ context: FleetContext) throws(FleetError) {
        var sockets = context.topology.nodes.filter { $0.kind != .service }.map {
            context.nodeDirectory($0.name).appending(".s.PGSQL.5432").string
        }
        sockets.append(GuardianProcess.socket(context.directory).string)
        guard let longest = sockets.max(by: { $0.utf8.count < $1.utf8.count }), longest.utf8.count > socketPath else {
            return
        }
        throw .usage(
            """
            the socket path \(longest) would be \(longest.utf8.count) bytes long and the system takes \(socketPath): \
            choose a shorter fleet name (--name), shorter node names, or a shorter SEAWORTHY_HOME
            """)
    }
}
