import NIOCore
import SystemPackage

/// The server cannot listen where its settings say.
public struct ListenError: Error, CustomStringConvertible {
    /// What is in the way, and what to do.
    public let description: String

    /// Puts into words why listening failed; nil when the error says nothing about the address.
    public init?(_ error: any Error, settings: ServerSettings) {
        let (host, port) = (settings.host, settings.port)
        if error is SocketAddressError.UnknownHost {
            description = "nobody knows the address \(host): set HOST to one of this machine, or to 0.0.0.0 for all"
            return
        }
        guard let error = error as? IOError else { return nil }
        switch Errno(rawValue: error.errnoCode) {
        case .addressInUse:
            description = "port \(port) on \(host) is taken: end what listens there, or choose another with --port"
        case .addressNotAvailable:
            description = "\(host) is no address of this machine: set HOST to one that is, or to 0.0.0.0 for all"
        case .permissionDenied:
            description = "port \(port) on \(host) is for privileged programs: choose one from 1024 up with --port"
        default: return nil
        }
    }
}
