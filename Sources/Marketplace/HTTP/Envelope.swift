import HTTPTypes
import Hummingbird
import NIOCore

/// The shape of every success: `{"data": …, "meta": {…}}`.
enum Envelope {
    /// One thing.
    static func body(_ data: some JSONWritable) -> ByteBuffer {
        var json = JSONWriter()
        json.object { json in
            json.member("data", data)
            json.name("meta")
            json.object { _ in }
        }
        return json.buffer
    }

    /// One page of a list.
    /// - Parameters:
    ///   - nextCursor: where the next page begins; nil on the last one.
    ///   - missingShards: those whose part is missing; nil when the list lives on one shard.
    static func body(
        _ data: [some JSONWritable], nextCursor: String?, missingShards: [String]? = nil
    ) -> ByteBuffer {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            json.name("data")
            json.array(data)
            json.name("meta")
            json.object { json in
                json.member("nextCursor", nextCursor)
                guard let missingShards else { return }
                json.member("partial", !missingShards.isEmpty)
                guard !missingShards.isEmpty else { return }
                json.name("missingShards")
                json.array(missingShards)
            }
        }
        return json.buffer
    }

    /// The answer around a body.
    static func response(
        _ body: ByteBuffer, status: HTTPResponse.Status = .ok, version: Int64? = nil, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        if let version { headers[.eTag] = "\"\(version)\"" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}
