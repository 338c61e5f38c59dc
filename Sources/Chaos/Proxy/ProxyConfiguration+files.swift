import Foundation
import SystemPackage

extension LinkConfiguration {
    /// Reads a configuration file. Throws ``ProxyFileError`` that says what is wrong with it.
    public static func load(_ path: FilePath) throws(ProxyFileError) -> [LinkConfiguration] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path.string))
        } catch {
            throw ProxyFileError("cannot read \(path): \(error.localizedDescription)")
        }
        do {
            return try JSONDecoder().decode([LinkConfiguration].self, from: data)
        } catch {
            throw ProxyFileError(
                "\(path) is not a JSON list of links {\"name\", \"listen\", \"upstream\"}: \(Self.place(of: error))")
        }
    }

    private static func place(of error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context)?:
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) lacks \"\(key.stringValue)\""
        case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?, .dataCorrupted(let context)?:
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
        default: "\(error)"
        }
    }
}

extension ProxyReady {
    /// Writes the file under another name and renames it, so that whoever waits for it never reads half of it.
    public func write(to path: FilePath) throws(ProxyFileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(self).write(to: URL(filePath: path.string), options: .atomic)
        } catch {
            throw ProxyFileError("cannot write \(path): \(error.localizedDescription)")
        }
    }

    /// Reads what a proxy wrote once it was ready.
    public static func load(_ path: FilePath) throws(ProxyFileError) -> ProxyReady {
        do {
            return try JSONDecoder().decode(ProxyReady.self, from: Data(contentsOf: URL(filePath: path.string)))
        } catch {
            throw ProxyFileError("cannot read \(path): \(error)")
        }
    }
}

/// What is wrong with a file of the proxy.
public struct ProxyFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which file, and what is wrong with it.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
