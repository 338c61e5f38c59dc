#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Where to connect, in libpq's words. A name is resolved here, since libpq would block on it.
enum HostAddress: Sendable, Equatable {
    /// A socket directory (`host`) or an IP address (`hostaddr`).
    case socketDirectory(String)
    case address(String)

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
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failure = getnameinfo(
            first.pointee.ai_addr, first.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        if failure != 0 { return nil }
        return .address(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
