import Testing

/// Waits until the condition holds, looking every few milliseconds, and records an issue when it does not in time.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
        if try await condition() { return }
        try await clock.sleep(for: .milliseconds(5))
    }
    // Looked at once more: on a busy machine the last nap may have lasted until long after the end.
    if try await condition() { return }
    Issue.record("not within \(limit): \(what)", sourceLocation: sourceLocation)
}
