import NIOCore

/// Cuts what comes into slices of `average_size` bytes, give or take `size_variation`, each `delay` microseconds after
/// the one before.
struct SlicerToxic: Toxic {
    static let type = "slicer"
    static var attributes: KeyValuePairs<String, Int64> { ["average_size": 0, "size_variation": 0, "delay": 0] }

    /// Slices of one piece; what is left then goes as one.
    static let greatestCount = 4_096

    private let size: Int64
    private let variation: Int64
    private let delay: Int64
    private var last = NIODeadline.distantPast

    init(attributes: [String: Int64]) {
        size = attributes["average_size", default: 0]
        variation = min(attributes["size_variation", default: 0], size)
        delay = attributes["delay", default: 0]
    }

    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases) {
        guard size > 0, case .bytes(var buffer) = piece else {
            releases.pass(piece, at: max(now, last))
            return
        }
        last = max(now, last)
        for number in 1...Self.greatestCount where buffer.readableBytes > 0 {
            let drawn = Int(max(1, size + Int64.random(in: -variation...variation, using: &random)))
            let length = number == Self.greatestCount ? buffer.readableBytes : min(drawn, buffer.readableBytes)
            guard let slice = buffer.readSlice(length: length) else { return }
            releases.pass(.bytes(slice), at: last)
            last = last + .microseconds(delay)
        }
    }
}
