import Testing

@testable import Generators

@Suite("Random numbers")
struct RandomTests {
    @Test("SplitMix64 gives the published numbers")
    func splitMix() {
        var random = SplitMix64(seed: 1_234_567)
        let numbers = (0..<5).map { _ in random.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test("xoshiro256** gives the published numbers")
    func xoshiro() {
        var random = Xoshiro256(state: (1, 2, 3, 4))
        let numbers = (0..<6).map { _ in random.next() }
        #expect(
            numbers == [
                11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
                607_988_272_756_665_600,
            ])
    }
}
