extension LoadSession {
    /// How long a client waits for a read.
    static let readTimeout = Duration.seconds(1)

    func browse(_ read: BrowsePlan.Read, due: Int64, process: Int, server: Int) async {
        let target = caller.servers[server % caller.servers.count].name
        recorder.record(
            .client(process), .invoke, read.function, key: read.key,
            value: [
                "scheduled": .int(due), "server": .string(target), "store": .string(read.store.id),
                "group": .string(read.store.group),
            ])
        delays.record(clock.now() - due)
        let result = await caller.call(
            ServiceCaller.Request(.GET, read.path), server: server, timeout: Self.readTimeout)
        let (kind, value) = CallRecord.end(of: result, isWrite: false, latency: clock.now() - due)
        recorder.record(.client(process), kind, read.function, key: read.key, value: .object(value))
        processes.giveBack(process, isRetired: kind == .info)
    }
}
