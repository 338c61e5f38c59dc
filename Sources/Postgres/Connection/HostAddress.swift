#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Where to connect, in libpq's words. A name is resolved here, since libpq would block on it.
enum HostAddress: Sendable, Equatable {
    /// A socket directory (`host`).
    case socketDirectory(String)
    /// IP addresses (`hostaddr`), tried one after another within the time of one attempt.
    case addresses([String])

    /// More addresses of one name are left aside.
    private static let limit = 4

    /// The address when it needs no look-up: a directory or an IP address.
    static func literal(_ host: String) -> HostAddress? {
        if host.hasPrefix("/") { return .socketDirectory(host) }
        return lookUp(host, flags: AI_NUMERICHOST)
    }

    /// Asks the resolver; blocks.
    static func resolve(_ host: String) -> HostAddress? { lookUp(host, flags: 0) }

    private static func lookUp(_ host: String, flags: Int32) -> HostAddress? {
        var hints = addrinfo()
        hints.ai_flags = flags
        #if canImport(Darwin)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0, let first = list else { return nil }
        defer { freeaddrinfo(first) }
        var addresses: [String] = []
        var entry: UnsafeMutablePointer<addrinfo>? = first
        while let current = entry, addresses.count < limit {
            if let text = text(of: current.pointee), !addresses.contains(text) { addresses.append(text) }
            entry = current.pointee.ai_next
        }
        return addresses.isEmpty ? nil : .addresses(addresses)
    }

    private static func text(of address: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failure = getnameinfo(
            address.ai_addr, address.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        if failure != 0 { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
