/// This release of the marketplace.
public enum Version {
    public static let current = "0.1.0"
}
