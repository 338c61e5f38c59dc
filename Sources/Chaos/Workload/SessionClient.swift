extension LoadSession {
    /// How long a session waits for the answer to a change: longer than the service's own deadline, so that it hears
    /// what became of it.
    static let changeTimeout = Duration.milliseconds(1_500)

    /// Does the next step of a session that is free; when none is, its clients are all waiting and this arrival passes.
    func step(of desk: SessionDesk, due: Int64, process: Int, server: Int) async {
        guard let (index, session, step) = desk.take() else { return processes.giveBack(process, isRetired: false) }
        let product: SessionPlan.Product =
            switch step {
            case .write, .readOwn: session.own
            case .readOther, .watch, .search: session.other
            }
        let function = Self.function(of: step)
        var asked: [String: JSONValue] = [
            "scheduled": .int(due), "server": .string(caller.servers[server % caller.servers.count].name),
            "store": .string(product.store.id), "group": .string(product.store.group),
        ]
        if step.isOfSession {
            asked["session"] = .string(session.name)
            asked["token"] = session.token.map { .string($0) }
        }
        let request = Self.request(step, product, session)
        if case .write(let sheet) = step { asked["ifMatch"] = .int(sheet.version) }
        recorder.record(.client(process), .invoke, function, key: product.id, value: .object(asked))
        delays.record(clock.now() - due)
        let isWrite = function == "session-write"
        let result = await caller.call(
            request, server: server, timeout: isWrite ? Self.changeTimeout : Self.readTimeout)
        var (kind, value) = CallRecord.end(of: result, isWrite: isWrite, latency: clock.now() - due)
        var end = SessionPlan.End(outcome: kind, code: value["code"]?.string)
        if case .reply(let reply) = result {
            end.token = reply.header("consistency-token")
            value["tokenOut"] = end.token.map { .string($0) }
            end.sheet = Self.answer(to: step, of: product, in: reply.json?["data"]).flatMap(SessionPlan.Sheet.init)
            if kind == .ok, end.sheet == nil, step != .search {
                // It answered, and did not say what: nothing can be concluded from that.
                kind = isWrite ? .info : .fail
                end.outcome = kind
                value["code"] = "answer-without-a-product"
            }
            if kind == .ok { value["version"] = end.sheet.map { .int($0.version) } }
        }
        recorder.record(.client(process), kind, function, key: product.id, value: .object(value))
        desk.giveBack(index, step, end)
        processes.giveBack(process, isRetired: kind == .info)
    }

    /// A look without a token is a read like everybody's.
    private static func function(of step: SessionPlan.Step) -> String {
        switch step {
        case .write: "session-write"
        case .readOwn, .readOther: "session-read"
        case .watch: "product"
        case .search: "products"
        }
    }

    /// What an answer says of the product. One that was not found has not been changed by its owner, for all that the
    /// answer knows.
    private static func answer(
        to step: SessionPlan.Step, of product: SessionPlan.Product, in data: JSONValue?
    ) -> JSONValue? {
        guard step == .search else { return data }
        return data?.array?.first { $0["id"]?.string == product.id }
    }

    private static func request(
        _ step: SessionPlan.Step, _ product: SessionPlan.Product, _ session: SessionPlan
    ) -> ServiceCaller.Request {
        var headers: [(String, String)] = []
        if step.isOfSession, let token = session.token { headers.append(("consistency-token", token)) }
        guard case .write(let sheet) = step else {
            let path = step == .search ? product.searchPath : product.path
            return ServiceCaller.Request(.GET, path, headers: headers)
        }
        var body = JSONWriter()
        let name = sheet.name.split(separator: " · ").first.map(String.init) ?? sheet.name
        body.write([
            "name": .string("\(name) · \(product.word) \(sheet.version + 1)"), "category": .string(sheet.category),
        ])
        headers += [("content-type", "application/json"), ("if-match", "\"\(sheet.version)\"")]
        return ServiceCaller.Request(.PUT, product.path, headers: headers, body: body.bytes)
    }
}

extension SessionPlan.Sheet {
    /// From a product as the service answers it; nil when it is none.
    init?(_ product: JSONValue) {
        guard let version = product["version"]?.int, let name = product["name"]?.string,
            let category = product["category"]?.string
        else { return nil }
        self.init(version: version, name: name, category: category)
    }
}
