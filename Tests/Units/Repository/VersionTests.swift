import Chaos
import Marketplace
import Testing

@Suite struct VersionTests {
    @Test("both programs are of one release, though neither half imports the other")
    func alike() { #expect(ChaosVersion.current == Version.current) }
}
