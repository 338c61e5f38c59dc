/// What no node can give a session is said: a read whose token lies beyond what any node has is refused with the
/// problem code for it, and never with another error. That it is not answered with less is for ``ReadYourWrites`` and
/// ``MonotonicReads`` to judge.
public struct TokensRefused: Checker {
    public static let name = "tokens-refused"
    public var judgesOperationsSingly: Bool { true }
    public var promise: String {
        "\(Selection(.sessions, area).words): reads that nobody can answer get \(code.rawValue), from "
            + "\(detect.text) after the fault"
    }
    private let code: Code
    private let area: Selection.Area
    private let detect: Duration

    /// Why no node satisfies a token.
    public enum Code: String, Sendable, CaseIterable {
        /// No node that answers has come so far.
        case consistencyUnavailable = "consistency_unavailable"
        /// A promotion lost what the session had seen. Until the promotion it is merely unavailable.
        case historyLost = "history_lost"
    }

    /// Makes the check: from `detect` after the fault on, reads with a token are answered or refused with `code`.
    public init(_ code: Code, in area: Selection.Area = .all, detect: Duration = .seconds(1)) {
        self.code = code
        self.area = area
        self.detect = detect
    }

    public init(_ parameters: inout CheckParameters) throws(CheckParameters.Failure) {
        let names = Code.allCases.map(\.rawValue).joined(separator: " or ")
        guard let text = try parameters.string("code"), let code = Code(rawValue: text) else {
            throw CheckParameters.Failure("`code` must be \(names)")
        }
        self.init(
            code, in: try parameters.selection().area, detect: try parameters.duration("detect") ?? .seconds(1))
    }

    public func check(_ run: RecordedRun) -> Finding {
        guard let detected = run.faultPhase(after: detect) else {
            return Finding(.unknown, "there was no fault, or it was over before it could be detected")
        }
        let reads = run.operations(Selection(.sessions, area), startedIn: detected).filter {
            $0.function == "session-read" && $0.hasToken && ($0.end ?? .max) <= detected.upperBound
        }
        let told = reads.filter { $0.code == code.rawValue }
        let wrong = reads.filter { $0.outcome != .ok && !isRefusal($0) }
        let summary = "\(told.count) of \(reads.count) reads with a token were told \(code.rawValue)"
        guard wrong.isEmpty else {
            return Finding(
                .broken, "\(wrong.count) ended otherwise; \(summary)", proofs: wrong,
                restsOnTime: wrong.allSatisfy(\.isTimeBound))
        }
        guard told.count >= Self.minimumRefusals else {
            return Finding(.unknown, "\(summary); \(Self.minimumRefusals) needed")
        }
        return Finding(.held, "\(summary), the others were answered")
    }

    /// Fewer than this show nothing. A session whose history is lost is told once, and begins anew.
    private static let minimumRefusals = 5

    private func isRefusal(_ read: Operation) -> Bool {
        read.code == code.rawValue
            || (code == .historyLost && read.code == Code.consistencyUnavailable.rawValue)
    }
}
