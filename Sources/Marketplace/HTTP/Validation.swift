/// Rules that several nouns share.
enum Validation {
    /// - Throws: ``Problem`` `validation_failed` with every fault, when there is one.
    static func check(_ faults: [Problem.Detail]) throws {
        guard !faults.isEmpty else { return }
        throw Problem(.validationFailed, "The body is not valid; each fault is listed in errors.", errors: faults)
    }

    /// 1 to 200 characters, not only blanks, without control characters.
    static func name(_ text: String, pointer: String) -> [Problem.Detail] {
        let isFit =
            (1...200).contains(text.unicodeScalars.count) && text.contains { !$0.isWhitespace }
            && isPrintable(text)
        return isFit ? [] : [Problem.Detail(pointer: pointer, message: "has to be 1 to 200 printable characters")]
    }

    /// Postgres keeps no NUL in a text, and nobody means the other control characters.
    static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\t" }
    }
}
