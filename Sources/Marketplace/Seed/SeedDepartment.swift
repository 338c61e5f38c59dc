/// A category at the top of a seeded store's tree, with those below it.
struct SeedDepartment: Sendable {
    /// A category below, and the things that are in it.
    struct Section: Sendable {
        let slug: String
        let name: String
        let things: [String]
    }

    let slug: String
    let name: String
    let sections: [Section]

    init(_ slug: String, _ name: String, _ sections: KeyValuePairs<String, [String]>) {
        self.slug = slug
        self.name = name
        self.sections = sections.map { section, things in
            Section(slug: "\(slug)-\(section.lowercased())", name: section, things: things)
        }
    }

    static let all = [
        SeedDepartment(
            "kitchen", "Kitchen",
            ["Drinkware": ["Mug", "Kettle"], "Cookware": ["Pan", "Bowl"], "Cutlery": ["Knife", "Cutting Board"]]),
        SeedDepartment(
            "home", "Home",
            [
                "Lighting": ["Lamp", "Candle"], "Textiles": ["Cushion", "Blanket"],
                "Decor": ["Vase", "Clock", "Mirror"],
            ]),
        SeedDepartment(
            "outdoor", "Outdoor",
            ["Camping": ["Tent", "Hammock", "Stove"], "Carrying": ["Backpack", "Bottle", "Lantern"]]),
        SeedDepartment(
            "clothing", "Clothing", ["Tops": ["Jacket", "Shirt"], "Accessories": ["Scarf", "Hat", "Gloves", "Socks"]]),
        SeedDepartment(
            "office", "Office", ["Paper": ["Notebook", "Calendar", "Folder"], "Desk": ["Pen", "Desk Tray", "Stand"]]),
        SeedDepartment(
            "garden", "Garden", ["Tools": ["Trowel", "Shears", "Hose"], "Living": ["Planter", "Bench", "Birdhouse"]]),
        SeedDepartment(
            "music", "Music",
            ["Strings": ["Ukulele", "Kalimba"], "Rhythm": ["Metronome", "Drum"], "Wind": ["Flute", "Ocarina"]]),
        SeedDepartment(
            "sports", "Sports", ["Games": ["Ball", "Racket", "Whistle"], "Training": ["Mat", "Rope", "Helmet"]]),
    ]
}
