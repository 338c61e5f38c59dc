/// Writes into the history what was done to the system, so that it stands between the operations that met it.
struct Nemesis {
    let recorder: HistoryRecorder

    /// As in Jepsen, what the nemesis does is always of type `info`.
    func note(_ function: String, key: String, _ value: [String: JSONValue] = [:]) {
        recorder.record(.nemesis, .info, function, key: key, value: .object(value))
    }
}
