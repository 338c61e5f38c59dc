extension LoadSession {
    /// How long a client waits for a list over all shards, which waits for each of them.
    static let listTimeout = Duration.milliseconds(1_500)
    static let listedStores = 100

    /// Lists all stores, or searches the products of all of them, in turn.
    func list(number: Int, due: Int64, process: Int) async {
        let words = catalogue.words
        let isSearch = number % 2 == 1 && !words.isEmpty
        let function = isSearch ? "search" : "stores"
        let word = isSearch ? words[number / 2 % words.count] : ""
        let path = isSearch ? "/v1/search?q=\(word)&limit=20" : "/v1/stores?limit=\(Self.listedStores)"
        // Each kind goes to every server in turn.
        let server = number / 2
        recorder.record(
            .client(process), .invoke, function, key: isSearch ? word : nil,
            value: [
                "scheduled": .int(due), "server": .string(caller.servers[server % caller.servers.count].name),
            ])
        delays.record(clock.now() - due)
        let result = await caller.call(ServiceCaller.Request(.GET, path), server: server, timeout: Self.listTimeout)
        var (kind, value) = CallRecord.end(of: result, isWrite: false, latency: clock.now() - due)
        if case .reply(let reply) = result, kind == .ok, let meta = reply.json?["meta"] {
            value["partial"] = meta["partial"]
            value["missingShards"] = meta["missingShards"]
        }
        recorder.record(.client(process), kind, function, key: isSearch ? word : nil, value: .object(value))
        processes.giveBack(process, isRetired: kind == .info)
    }
}
