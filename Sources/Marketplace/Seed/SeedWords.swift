/// The words that seeded names are made of.
enum SeedWords {
    static let places = [
        "Harbor", "Lighthouse", "Meadow", "Cedar", "Granite", "Willow", "Copper", "Northwind", "Juniper", "Saltwater",
        "Maple", "Foxglove", "Driftwood", "Amber", "Thistle", "Riverbend", "Summit", "Heron", "Orchard", "Slate",
    ]
    static let trades = [
        "Goods", "Supply", "Mercantile", "Workshop", "Outfitters", "Trading", "Market", "Home", "Studio", "Provisions",
    ]
    static let currencies = ["EUR", "USD", "GBP", "CHF"]
    static let qualities = [
        "Everyday", "Compact", "Classic", "Light", "Sturdy", "Handmade", "Recycled", "Folding", "Travel", "Soft",
        "Heavy", "Slim", "Quiet", "Bright", "Small", "Grand", "Plain", "Woven", "Polished", "Rustic",
    ]
    static let materials = [
        "Oak", "Linen", "Steel", "Ceramic", "Wool", "Leather", "Cotton", "Bamboo", "Glass", "Cork", "Brass", "Felt",
    ]
    static let colours = ["blue", "green", "sand", "black", "white", "red", "grey", "ochre"]
    static let brands = [
        "Alder & Finch", "Bramble", "Coldwater", "Dovetail", "Eastlight", "Fennel", "Greycliff", "Hearth & Hand",
        "Ironbark", "Junco", "Kestrel", "Lowland", "Marrow", "Nettle", "Oakline", "Pebble & Co", "Quarry", "Rowan",
        "Saltmarsh", "Tern", "Undergrowth", "Vellum", "Wren", "Yarrow",
    ]
    static let variants = ["S", "M", "L"]
    static let firstNames = [
        "Ada", "Noah", "Lena", "Omar", "Mei", "Ivan", "Sofia", "Jonas", "Aisha", "Luca", "Nora", "Mateo", "Freya",
        "Ravi",
        "Clara", "Hugo", "Yuki", "Elif", "Theo", "Zoe",
    ]
    static let lastNames = [
        "Berg", "Santos", "Novak", "Fischer", "Okafor", "Lindqvist", "Moreau", "Tanaka", "Rossi", "Kowalski", "Haddad",
        "Jensen", "Patel", "Nguyen", "Silva", "Keller", "Costa", "Ivanova", "Weber", "Dubois",
    ]
}
