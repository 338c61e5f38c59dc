/// This release of the marketplace.
public enum Version {
    /// As `--version` prints it.
    public static let current = "0.1.0"
}
