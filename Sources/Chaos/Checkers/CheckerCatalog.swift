/// Every checker that experiment files can name.
public enum CheckerCatalog {
    /// In the order in which `chaos` lists them.
    public static let all: [any Checker.Type] = [
        NoDoubleOrder.self, StockConservation.self, AcknowledgedOrders.self, NoErrors.self, LatencyLimit.self,
        Unaffected.self, FailFast.self, BreakerOpens.self, ServedBy.self, MarkedDegraded.self, Recovers.self,
        ReadYourWrites.self, MonotonicReads.self, StaleBound.self, AcknowledgedWrites.self, PartialLists.self,
        WritesResume.self, CachedOrRefused.self, LagShown.self, TokensRefused.self,
    ]

    /// - Throws: what is wrong with the entry's name or members.
    public static func make(
        _ name: String, _ members: [String: JSONValue], topology: Topology
    ) throws(CheckParameters.Failure) -> any Checker {
        guard let type = all.first(where: { $0.name == name }) else {
            throw CheckParameters.Failure(
                "there is no check \(name); there are \(all.map { $0.name }.joined(separator: ", "))")
        }
        var parameters = CheckParameters(members, topology: topology)
        let checker = try type.init(&parameters)
        try parameters.finish()
        return checker
    }
}
