/// This release of the chaos suite.
public enum ChaosVersion {
    /// As `chaos --version` prints it.
    public static let current = "0.1.0"
}
