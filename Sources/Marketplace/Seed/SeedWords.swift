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
    /// Things by category.
    static let catalogue: [(category: String, things: [String])] = [
        ("kitchen", ["Mug", "Pan", "Kettle", "Bowl", "Knife", "Cutting Board"]),
        ("home", ["Lamp", "Cushion", "Blanket", "Vase", "Clock", "Mirror"]),
        ("outdoor", ["Tent", "Lantern", "Backpack", "Bottle", "Hammock", "Stove"]),
        ("clothing", ["Jacket", "Scarf", "Shirt", "Hat", "Gloves", "Socks"]),
        ("office", ["Notebook", "Pen", "Desk Tray", "Folder", "Stand", "Calendar"]),
        ("garden", ["Trowel", "Planter", "Shears", "Bench", "Birdhouse", "Hose"]),
        ("music", ["Ukulele", "Metronome", "Kalimba", "Drum", "Flute", "Stand"]),
        ("sports", ["Mat", "Ball", "Racket", "Rope", "Helmet", "Whistle"]),
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
