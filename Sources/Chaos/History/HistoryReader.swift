import Foundation
import SystemPackage

/// Reads `history.jsonl`, from this program or any other that writes the format.
public enum HistoryReader {
    /// Larger files are refused before they are read.
    public static let maximumBytes = 2 << 30

    /// - Throws: ``Failure`` that names the file, the line and what is wrong there.
    public static func read(_ path: FilePath) throws(Failure) -> [HistoryEvent] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path.string), options: .mappedIfSafe)
        } catch {
            throw Failure(path: path.string, line: nil, message: "cannot be read (\(error.localizedDescription))")
        }
        guard data.count <= maximumBytes else {
            throw Failure(path: path.string, line: nil, message: "is larger than \(maximumBytes) bytes")
        }
        return try parse(data, path: path.string)
    }

    /// - Throws: ``Failure`` for a line that is not an event, an index out of sequence, or time running backwards.
    public static func parse(_ data: some Collection<UInt8>, path: String) throws(Failure) -> [HistoryEvent] {
        var events: [HistoryEvent] = []
        for (number, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
        where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) {
            func failure(_ message: String) -> Failure { Failure(path: path, line: number + 1, message: message) }
            let event: HistoryEvent
            do {
                event = try HistoryEvent(JSONParser.parse(line))
            } catch let error as JSONParser.Failure {
                throw failure("\(error)")
            } catch let error as HistoryEvent.Malformed {
                throw failure(error.message)
            } catch {
                throw failure("\(error)")
            }
            guard event.index == events.count else {
                throw failure("`index` is \(event.index) where \(events.count) is next: lines are missing or doubled")
            }
            if let last = events.last, event.time < last.time {
                throw failure("`time` runs backwards, from \(last.time) to \(event.time)")
            }
            events.append(event)
        }
        return events
    }

    /// Where a history cannot be read, and why.
    public struct Failure: Error, CustomStringConvertible {
        /// The file.
        public var path: String
        /// Counted from 1; nil when the whole file is meant.
        public var line: Int?
        /// What is wrong with which line.
        public var message: String

        public var description: String { line.map { "\(path):\($0): \(message)" } ?? "\(path): \(message)" }
    }
}
