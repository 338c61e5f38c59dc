/// Why a call of the control API did not end as asked.
public enum ProxyControlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The proxy refused: Toxiproxy's status and message, for example 404 `proxy not found`.
    case refused(status: Int, message: String, call: String)
    /// No connection, or it broke: the proxy is gone, or never was there.
    case unreachable(address: HostPort, call: String, reason: String)
    case deadlineExceeded(address: HostPort, call: String)
    /// The answer was not what the API promises: something else listens at this address.
    case malformed(address: HostPort, call: String, reason: String)

    public var description: String {
        switch self {
        case .refused(let status, let message, let call):
            "the proxy refused \(call): \(message) (\(status))"
        case .unreachable(let address, let call, let reason):
            "no proxy answers at \(address) for \(call): \(reason); see whether its process still runs and read its log"
        case .deadlineExceeded(let address, let call):
            "the proxy at \(address) did not answer \(call) in time; is its process paused, or the machine busy?"
        case .malformed(let address, let call, let reason):
            "what answers at \(address) is not a Seaworthy proxy (\(call): \(reason)); check the address"
        }
    }
}
