import NIOCore

/// Closes the connection once `bytes` bytes have passed; what is sent beyond them is lost.
struct LimitDataToxic: Toxic {
    static let type = "limit_data"
    static var attributes: KeyValuePairs<String, Int64> { ["bytes": 0] }

    private let limit: Int64
    private var passed: Int64 = 0
    private var isClosed = false

    init(attributes: [String: Int64]) {
        limit = attributes["bytes", default: 0]
    }

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        guard !isClosed else { return }
        guard case .bytes(var buffer) = piece else {
            releases.pass(piece, at: now)
            return
        }
        let length = Int(min(Int64(buffer.readableBytes), max(0, limit - passed)))
        if length > 0, let part = buffer.readSlice(length: length) {
            passed += Int64(length)
            releases.pass(.bytes(part), at: now)
        }
        if passed >= limit {
            isClosed = true
            releases.pass(.close, at: now)
        }
    }

    mutating func succeed(_ old: any Toxic) {
        if let old = old as? LimitDataToxic { passed = old.passed }
    }
}
