import Foundation

/// A TCP port of this machine for a service to listen on.
enum LocalPort {
    /// Below Linux's and macOS's ranges for outgoing connections (from 32768 and 49152).
    static let range = 20_000..<32_000

    /// `preferred` when it is free, else a free one from the range. Another may take it before the service does; the
    /// service then ends at once and is started with a new one.
    static func choose(preferred: Int?, random: () -> UInt64) throws(FleetError) -> Int {
        if let preferred, isFree(preferred) { return preferred }
        for _ in 0..<200 {
            let port = range.lowerBound + Int(random() % UInt64(range.count))
            if isFree(port) { return port }
        }
        throw .failed(
            "no free port between \(range.lowerBound) and \(range.upperBound): see `ss -ltn` for who has them")
    }

    static func isFree(_ port: Int) -> Bool {
        #if os(Linux)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As servers do, so that connections that have just ended do not count.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return bound == 0
    }
}
