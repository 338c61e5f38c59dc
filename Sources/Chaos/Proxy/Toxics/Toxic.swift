import NIOCore

/// One way to bend a stream, as a value: pieces and the time in, pieces with the time to go on out.
///
/// To add one, copy ``NoopToxic``, name it in ``ToxicCatalog`` and say in `take` what becomes of a piece. A toxic never
/// loses, repeats or reorders a byte unless that is what it is for; order between pieces is kept by ``ToxicStage``.
protocol Toxic: Sendable {
    /// The API's name for it.
    static var type: String { get }
    /// Its attributes and their defaults, in the order the API lists them. Times are milliseconds.
    static var attributes: KeyValuePairs<String, Int64> { get }

    /// `attributes` holds a value for each of ``attributes``, within 0…``ToxicCatalog/greatestAttribute``.
    init(attributes: [String: Int64])

    /// Decides what becomes of a piece that came at `now`. When attributes change, pieces still held are given again,
    /// with the time at which they first came.
    mutating func take(_ piece: Piece, at now: NIODeadline, random: inout ToxicRandom, into releases: inout Releases)

    /// What the toxic does of itself once it is in force, or its attributes have changed. Most do nothing.
    mutating func begin(at now: NIODeadline, into releases: inout Releases)

    /// Takes over what has to be remembered when attributes change. Most remember nothing.
    mutating func succeed(_ old: any Toxic)

    /// What is left behind when the toxic is removed. Most leave nothing.
    var parting: Piece? { get }
}

extension Toxic {
    mutating func begin(at now: NIODeadline, into releases: inout Releases) {}
    mutating func succeed(_ old: any Toxic) {}
    var parting: Piece? { nil }
}
