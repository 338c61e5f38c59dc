/// A Postgres type by its object identifier, as `pg_type.oid` has it.
public struct PostgresType: RawRepresentable, Sendable, Hashable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Left to the server, which infers it from where the parameter stands.
    public static let inferred = PostgresType(rawValue: 0)
    /// `boolean`.
    public static let bool = PostgresType(rawValue: 16)
    /// `bytea`: bytes.
    public static let bytea = PostgresType(rawValue: 17)
    /// `"char"`: one byte.
    public static let char = PostgresType(rawValue: 18)
    public static let name = PostgresType(rawValue: 19)
    /// `bigint`.
    public static let int8 = PostgresType(rawValue: 20)
    /// `smallint`.
    public static let int2 = PostgresType(rawValue: 21)
    /// `integer`.
    public static let int4 = PostgresType(rawValue: 23)
    /// `text`.
    public static let text = PostgresType(rawValue: 25)
    /// `oid`.
    public static let oid = PostgresType(rawValue: 26)
    /// `json`, kept as text.
    public static let json = PostgresType(rawValue: 114)
    /// `real`.
    public static let float4 = PostgresType(rawValue: 700)
    /// `double precision`.
    public static let float8 = PostgresType(rawValue: 701)
    /// A literal without a type yet.
    public static let unknown = PostgresType(rawValue: 705)
    /// `boolean[]`.
    public static let boolArray = PostgresType(rawValue: 1000)
    /// `smallint[]`.
    public static let int2Array = PostgresType(rawValue: 1005)
    /// `integer[]`.
    public static let int4Array = PostgresType(rawValue: 1007)
    /// `text[]`.
    public static let textArray = PostgresType(rawValue: 1009)
    /// `varchar[]`.
    public static let varcharArray = PostgresType(rawValue: 1015)
    /// `bigint[]`.
    public static let int8Array = PostgresType(rawValue: 1016)
    /// `double precision[]`.
    public static let float8Array = PostgresType(rawValue: 1022)
    /// `char(n)`, padded with blanks.
    public static let bpchar = PostgresType(rawValue: 1042)
    /// `varchar`.
    public static let varchar = PostgresType(rawValue: 1043)
    /// `timestamp`, without a zone.
    public static let timestamp = PostgresType(rawValue: 1114)
    /// `timestamptz`, a moment.
    public static let timestamptz = PostgresType(rawValue: 1184)
    /// `numeric`.
    public static let numeric = PostgresType(rawValue: 1700)
    /// `uuid`.
    public static let uuid = PostgresType(rawValue: 2950)
    /// `pg_lsn`: a position in the WAL.
    public static let pgLSN = PostgresType(rawValue: 3220)
    /// `jsonb`.
    public static let jsonb = PostgresType(rawValue: 3802)
    /// `xid8`: a transaction's number that never wraps.
    public static let xid8 = PostgresType(rawValue: 5069)

    /// The first identifier of types that are not built in: enums, domains, extensions.
    static let firstUserDefined: UInt32 = 16384

    /// Whether a value's binary form is its text.
    var isTextual: Bool {
        switch self {
        case .text, .varchar, .bpchar, .name, .json, .unknown, .char: true
        default: rawValue >= Self.firstUserDefined
        }
    }
}

/// The two ways a value travels: as its text, or as the type's own bytes.
public enum WireFormat: Int32, Sendable {
    case text = 0
    case binary = 1
}
