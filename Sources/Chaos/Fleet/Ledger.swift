import Foundation
import Synchronization
import SystemPackage

/// A fleet's append-only record, one JSON object a line, synchronised to disk before each action it announces, so that
/// what a dead controller left behind can be found, healed and removed.
public final class Ledger: Sendable {
    /// The file.
    public let path: FilePath

    /// What the file added up to when it was read last. It only grows, so that a file of the same size is the same.
    private let lastRead = Mutex<Reading?>(nil)

    private struct Reading {
        var inode: UInt64
        var size: Int64
        var state: LedgerState
    }

    /// More than this is not a ledger of ours; 10,000 faults take about 4 MB.
    static let sizeLimit = 64 << 20

    /// Makes a ledger kept in this file, which need not exist yet.
    public init(path: FilePath) {
        self.path = path
    }

    /// Appends the lines in one write, so that those of several processes never mix, and returns when they are on disk.
    public func append(_ entries: LedgerEntry...) throws(FleetError) {
        try append(entries)
    }

    /// Writes entries and waits until they are on disk.
    public func append(_ entries: [LedgerEntry]) throws(FleetError) {
        let descriptor = open(path.string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        // A line that a crash cut short gets an end of its own, so that it spoils no other.
        var data = Data(try endsWithin() ? "\n".utf8 : "".utf8)
        for entry in entries {
            do { data += try Self.encoder.encode(entry) + Data("\n".utf8) } catch {
                throw .failed("cannot encode \(entry): \(error)")
            }
        }
        let written = data.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == data.count, fsync(descriptor) == 0 else { throw failure("write") }
    }

    /// What the lines so far add up to. A line that is no entry was cut short by a crash before its action: it is
    /// passed over.
    public func state() throws(FleetError) -> LedgerState {
        var status = stat()
        guard stat(path.string, &status) == 0 else { throw failure("read") }
        let (inode, size) = (UInt64(status.st_ino), Int64(status.st_size))
        // Asked for at every look at a node: while one heals, decoding it anew was a third of what that costs.
        let known = lastRead.withLock { $0.flatMap { $0.inode == inode && $0.size == size ? $0.state : nil } }
        if let known { return known }
        guard let data = FileManager.default.contents(atPath: path.string) else { throw failure("read") }
        let state = Self.state(of: data)
        lastRead.withLock { $0 = Reading(inode: inode, size: size, state: state) }
        return state
    }

    static func state(of data: Data) -> LedgerState {
        var state = LedgerState()
        for line in data.prefix(sizeLimit).split(separator: UInt8(ascii: "\n")) {
            if let entry = try? decoder.decode(LedgerEntry.self, from: line) { state.apply(entry) }
        }
        return state
    }

    private func endsWithin() throws(FleetError) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path.string) else { throw failure("read") }
        defer { try? file.close() }
        guard let size = try? file.seekToEnd(), size > 0, (try? file.seek(toOffset: size - 1)) != nil else {
            return false
        }
        return (try? file.read(upToCount: 1)) != Data("\n".utf8)
    }

    private func failure(_ what: String) -> FleetError {
        .failed("cannot \(what) the ledger \(path): \(String(cString: strerror(errno))); is the fleet gone?")
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        return decoder
    }()
}
