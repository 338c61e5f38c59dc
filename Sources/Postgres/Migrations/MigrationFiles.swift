#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Migrations as files: `0001_stores.sql`.
enum MigrationFiles {
    static func read(directory: String) throws(MigrationError) -> [Migration] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw .unreadable(path: directory, problem: "cannot be listed; check that the directory exists")
        }
        var migrations: [Migration] = []
        for name in names.sorted() where name.hasSuffix(".sql") {
            let path = directory + "/" + name
            let digits = name.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits), name.dropFirst(digits.count).first == "_" else {
                throw .unreadable(path: path, problem: "is not named NNNN_name.sql")
            }
            guard let data = FileManager.default.contents(atPath: path), let sql = String(data: data, encoding: .utf8)
            else { throw .unreadable(path: path, problem: "cannot be read as UTF-8 text") }
            migrations.append(Migration(number: number, name: String(name.dropLast(4)), sql: sql))
        }
        return migrations
    }
}
