import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Subprocess

/// Carries out probes and actions of the providers `http` and `process`.
struct ActivityRunner {
    let clock: RunClock
    let client: HTTPClient
    /// Values for `${name}`: the experiment's configuration, and the address of every service.
    let values: [String: String]

    /// Output beyond this is cut off.
    static let maximumOutput = 64 * 1024

    init(clock: RunClock, client: HTTPClient, experiment: Experiment, services: [String: HostPort]) {
        self.clock = clock
        self.client = client
        values = services.mapValues { "http://\($0)" }.merging(experiment.configuration) { _, own in own }
    }

    func run(_ activity: Experiment.Activity) async -> ActivityRecord {
        try? await clock.pause(activity.pauseBefore)
        let start = clock.now()
        var record = ActivityRecord(
            name: activity.name, kind: activity.kind, hasSucceeded: false, isTolerated: nil, output: "",
            span: start..<start + 1)
        do {
            let result = try await result(of: activity.provider)
            record.hasSucceeded = true
            record.output = String(result.body.prefix(Self.maximumOutput))
            record.isTolerated = activity.tolerance?.accepts(result)
        } catch {
            record.output = "\(error)"
            record.isTolerated = activity.tolerance.map { _ in false }
        }
        record.span = start..<max(clock.now(), start + 1)
        try? await clock.pause(activity.pauseAfter)
        return record
    }

    private func result(of provider: Experiment.Provider) async throws -> Tolerance.Result {
        switch provider {
        case .http(let call): try await result(of: call)
        case .process(let program): try await result(of: program)
        case .chaos: throw ActivityFailure("faults are injected by the experiment itself")
        }
    }

    private func result(of call: HTTPProvider) async throws -> Tolerance.Result {
        let url = try fill(call.url)
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: call.method)
        for (name, value) in call.headers { request.headers.add(name: name, value: try fill(value)) }
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            response = try await client.execute(request, timeout: .nanoseconds(call.timeout.nanoseconds))
            body = try await response.body.collect(upTo: ServiceCaller.maximumBodyBytes)
        } catch {
            throw ActivityFailure("\(call.method) \(url): \(error)")
        }
        return Tolerance.Result(code: Int64(response.status.code), body: String(buffer: body))
    }

    private func result(of program: ProcessProvider) async throws -> Tolerance.Result {
        let path = try fill(program.path)
        let arguments = try program.arguments.map(fill)
        let run = Task {
            try await Subprocess.run(
                path.contains("/") ? .path(.init(path)) : .name(path), arguments: Arguments(arguments),
                output: .string(limit: Self.maximumOutput), error: .discarded)
        }
        let watchdog = Task {
            try await clock.pause(program.timeout)
            run.cancel()
        }
        defer { watchdog.cancel() }
        let record = try await withTaskCancellationHandler {
            try await run.value
        } onCancel: {
            run.cancel()
        }
        guard case .exited(let code) = record.terminationStatus else {
            throw ActivityFailure("\(path) was ended by a signal, or after its \(program.timeout.text)")
        }
        return Tolerance.Result(code: Int64(code), body: record.standardOutput)
    }

    /// Replaces `${name}`.
    private func fill(_ text: String) throws -> String {
        var filled = ""
        var rest = text[...]
        while let open = rest.range(of: "${"), let close = rest[open.upperBound...].firstIndex(of: "}") {
            let name = String(rest[open.upperBound..<close])
            guard let value = values[name] else {
                throw ActivityFailure(
                    "${\(name)} has no value; there are \(values.keys.sorted().joined(separator: ", "))")
            }
            filled += rest[..<open.lowerBound] + value
            rest = rest[rest.index(after: close)...]
        }
        return filled + rest
    }
}

/// Why a probe or an action could not be carried out.
struct ActivityFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
