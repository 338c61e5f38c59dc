import Crypto

/// A Lua script, called by the SHA-1 of its source, as the server's script cache names it.
public struct RedisScript: Sendable, Hashable {
    /// The Lua source.
    public let source: String
    /// The SHA-1 of the source in lower-case hexadecimal.
    public let digest: String

    /// Makes a script; its SHA-1 is computed once.
    public init(_ source: String) {
        self.source = source
        digest = Insecure.SHA1.hash(data: Array(source.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}
