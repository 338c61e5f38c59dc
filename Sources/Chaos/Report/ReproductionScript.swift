/// `repro.sh`: the command that does the run again, with its seed and with the variables that the services had.
enum ReproductionScript {
    static func text(_ results: RunResults) -> String {
        var lines = [
            "#!/bin/sh", "# Runs again what this bundle records. From the project's directory; `chaos` on the PATH.",
            "set -eu",
        ]
        for (name, value) in results.surroundings.variables.sorted(by: { $0.key < $1.key }) {
            lines.append("export \(name)=\(quote(value))")
        }
        lines.append(results.surroundings.command)
        return lines.joined(separator: "\n") + "\n"
    }

    /// Quotes a word for the shell where it needs it.
    static func quote(_ word: String) -> String {
        let plain = word.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                    || "-_./=:,@%+".contains(Character($0)))
        }
        return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
