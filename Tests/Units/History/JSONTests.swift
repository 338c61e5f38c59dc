import Foundation
import Testing

@testable import Chaos

@Suite struct JSONTests {
    @Test(
        "what is written is read back",
        arguments: [
            JSONValue.null, true, 0, -9_007_199_254_740_993, 1.5, -2.5e-7, "", "ä\u{1F6A2}\u{1}\"\\/\n\t", [],
            [1, [2, "x"]],
            [:], ["a": ["b": .null, "c": [false]]],
        ])
    func roundTrip(value: JSONValue) throws {
        #expect(try JSONParser.parse(value.text.utf8) == value)
        #expect(try JSONParser.parse(value.prettyText.utf8) == value)
    }

    @Test("escapes are understood")
    func escapes() throws {
        let text = #""\u00e4\ud83d\udea2\n\/\b""#
        #expect(try JSONParser.parse(text.utf8) == "ä\u{1F6A2}\n/\u{8}")
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", "{", "[1,]", "{\"a\"}", "{a:1}", "01x", "tru", "\"", "\"\\x\"", "\"\\ud83d\"", "1 2", "+1", "\"\u{1}\"",
            "nan", String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
        ])
    func refusals(text: String) {
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(text.utf8) }
    }

    @Test("numbers print with a fixed number of places")
    func decimals() {
        #expect(1234.5.formatted(decimals: 0) == "1235")
        #expect((-0.04).formatted(decimals: 1) == "0.0")
        #expect((-0.06).formatted(decimals: 1) == "-0.1")
        #expect(2.005.formatted(decimals: 3) == "2.005")
    }

    @Test("Prometheus text gives the wanted series")
    func prometheus() {
        let text = """
            # HELP calls_total Calls.
            calls_total{dependency="cache",outcome="ok"} 12
            calls_total{dependency="shard-0-primary",outcome="refused"} 3 1712000000
            other_total 7
            calls_broken{x="y"} NaNsense
            """
        let values = PrometheusText.parse(text, prefixes: ["calls_"])
        #expect(values.count == 2)
        let series = PrometheusSeries(#"calls_total{dependency="shard-0-primary",outcome="refused"}"#)
        #expect(
            series.name == "calls_total" && series.labels == ["dependency": "shard-0-primary", "outcome": "refused"])
        #expect(values[#"calls_total{dependency="shard-0-primary",outcome="refused"}"#] == 3)
    }
}
