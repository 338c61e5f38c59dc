import Testing

/// Whole servers over a real fleet, one after another: each opens dozens of connections, and together they would measure
/// nothing but the machine.
@Suite("marketplace", .serialized)
struct MarketplaceServerTests {}
