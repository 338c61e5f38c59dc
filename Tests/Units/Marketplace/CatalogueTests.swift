import Testing

@testable import Marketplace

extension MarketplaceServerTests {
    /// Brands, the tree of categories, drafts and attributes over HTTP.
    @Suite("the catalogue", .timeLimit(.minutes(3)))
    struct CatalogueTests {
        @Test("a brand's life: one of a name, kept while products have it")
        func brands() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                let brands = "/v1/stores/\(store)/brands"
                let made = try await client.request(.post, brands, #"{"name":"Bramble"}"#)
                #expect(made.status == .created && made.header("ETag") == "\"1\"")
                let id = try #require(made.json["data"]["id"].string)
                #expect(made.header("Location") == "\(brands)/\(id)")
                #expect(try await client.request(.post, brands, #"{"name":"BRAMBLE"}"#).code == "already_exists")
                let nameless = try await client.request(.post, brands, #"{"name":" "}"#)
                #expect(nameless.json["errors"].array.first?["pointer"].string == "/name")

                let product =
                    #"{"name":"Mug","category":"mugs","brandId":"\#(id)","skus":[{"sku":"M","priceMinor":1}]}"#
                let mug = try await client.request(.post, "/v1/stores/\(store)/products", product)
                #expect(mug.json["data"]["brandId"].string == id)
                _ = try await client.makeProduct(in: store, sku: "OTHER", quantity: 1)
                let listed = try await client.get("/v1/stores/\(store)/products?brand=\(id)").json["data"].array
                #expect(listed.compactMap { $0["name"].string } == ["Mug"])

                let path = "\(brands)/\(id)"
                #expect(try await client.request(.delete, path, nil, ["If-Match": "*"]).code == "still_in_use")
                let late = try await client.request(.put, path, #"{"name":"Fennel"}"#, ["If-Match": "\"7\""])
                #expect(late.code == "precondition_failed")
                let renamed = try await client.request(.put, path, #"{"name":"Fennel"}"#, ["If-Match": "\"1\""])
                #expect(renamed.json["data"]["name"].string == "Fennel" && renamed.header("ETag") == "\"2\"")
                let mugPath = "/v1/stores/\(store)/products/\(mug.json["data"]["id"].string ?? "")"
                let bare = try await client.request(
                    .put, mugPath, #"{"name":"Mug","category":"mugs","brandId":null}"#, ["If-Match": "*"])
                #expect(bare.status == .ok && bare.json["data"]["brandId"].string == nil)
                #expect(try await client.request(.delete, path, nil, ["If-Match": "\"2\""]).status == .noContent)
                #expect(try await client.get(path).code == "brand_not_found")
                #expect(try await client.get(brands).json["data"].array.isEmpty)
                let gone = try await client.request(.put, mugPath, product, ["If-Match": "*"])
                #expect(gone.status == .unprocessableContent)
                #expect(gone.json["errors"].array.first?["pointer"].string == "/brandId")
            }
        }

        @Test("a tree of categories: one level at a time, moved as a whole, never in a circle")
        func tree() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                let path = "/v1/stores/\(store)/categories"
                func make(_ slug: String, below parent: String? = nil) async throws -> String {
                    let place = parent.map { #","parentId":"\#($0)""# } ?? ""
                    let made = try await client.request(.post, path, #"{"slug":"\#(slug)","name":"\#(slug)"\#(place)}"#)
                    #expect(made.status == .created, "\(made.text)")
                    return try #require(made.json["data"]["id"].string)
                }
                func slugs(_ query: String) async throws -> [String] {
                    try await client.get(path + query).json["data"].array.compactMap { $0["slug"].string }
                }
                let kitchen = try await make("kitchen")
                let mugs = try await make("mugs", below: kitchen)
                let tiny = try await make("tiny-mugs", below: mugs)
                let garden = try await make("garden")
                #expect(try await slugs("") == ["kitchen", "garden"])
                #expect(try await slugs("?parent=\(kitchen)") == ["mugs"])
                #expect(try await slugs("?parent=\(tiny)") == [])
                let firstPage = try await client.get("\(path)?limit=1").json
                let cursor = try #require(firstPage["meta"]["nextCursor"].string)
                #expect(try await slugs("?limit=1&cursor=\(cursor)") == ["garden"])

                func move(_ id: String, _ body: String) async throws -> TestAnswer {
                    let answer = try await client.request(.put, "\(path)/\(id)", body, ["If-Match": "*"])
                    return TestAnswer(answer.status.code, answer.json["errors"].array.first?["pointer"].string)
                }
                #expect(try await move(kitchen, #"{"name":"K","parentId":"\#(tiny)"}"#) == TestAnswer(422, "/parentId"))
                #expect(try await move(kitchen, #"{"name":"K","parentId":"\#(kitchen)"}"#).status == 422)
                #expect(try await move(kitchen, #"{"name":"K","slug":"cooking"}"#) == TestAnswer(422, "/slug"))
                let elsewhere = CategoryID(store: StoreID(number: 7), number: 1).description
                #expect(
                    try await move(mugs, #"{"name":"M","parentId":"\#(elsewhere)"}"#) == TestAnswer(422, "/parentId"))
                #expect(try await move(mugs, #"{"name":"Mugs","slug":"mugs","parentId":"\#(garden)"}"#).status == 200)
                #expect(try await slugs("?parent=\(garden)") == ["mugs"])

                func delete(_ id: String) async throws -> String? {
                    let answer = try await client.request(.delete, "\(path)/\(id)", nil, ["If-Match": "*"])
                    return answer.status == .noContent ? nil : answer.code
                }
                #expect(try await delete(garden) == "still_in_use")
                _ = try await client.request(
                    .post, "/v1/stores/\(store)/products",
                    #"{"name":"Mug","category":"tiny-mugs","skus":[{"sku":"M","priceMinor":1}]}"#)
                #expect(try await delete(tiny) == "still_in_use")
                #expect(try await delete(kitchen) == nil)
                #expect(try await client.get("\(path)/\(kitchen)").code == "category_not_found")
                #expect(try await client.get("\(path)?parent=\(kitchen)").code == "category_not_found")
                #expect(try await client.get("\(path)?parent=nonsense").code == "invalid_parameter")
            }
        }

        @Test("eight levels and no more")
        func depth() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                var parent = "null"
                for level in 1...9 {
                    let body = #"{"slug":"level-\#(level)","name":"x","parentId":\#(parent)}"#
                    let answer = try await client.request(.post, "/v1/stores/\(store)/categories", body)
                    #expect(answer.status == (level <= 8 ? .created : .unprocessableContent), "level \(level)")
                    parent = "\"\(answer.json["data"]["id"].string ?? "")\""
                }
            }
        }

        @Test("a product that names a new slug makes a category of it, which can then be named and hung elsewhere")
        func newSlug() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                _ = try await client.makeProduct(in: store, sku: "A", quantity: 1)
                let path = "/v1/stores/\(store)/categories"
                let made = try await client.get(path).json["data"].array
                #expect(made.compactMap { $0["slug"].string } == ["kitchen"])
                #expect(made.first?["name"].string == "Kitchen")
                let again = try await client.request(.post, path, #"{"slug":"kitchen","name":"Again"}"#)
                #expect(again.status == .conflict && again.code == "already_exists")
            }
        }

        @Test("a draft is nobody's to see or order until it is published, and only who changes it sees it")
        func drafts() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                let products = "/v1/stores/\(store)/products"
                let body =
                    #"{"name":"Mug","category":"mugs","isPublished":false,"#
                    + #""skus":[{"sku":"M","priceMinor":1,"quantity":5}]}"#
                let made = try await client.request(.post, products, body)
                #expect(made.status == .created && made.text.contains(#""isPublished":false"#))
                let path = "\(products)/\(made.json["data"]["id"].string ?? "")"
                #expect(try await client.get(path).code == "product_not_found")
                #expect(try await client.get(products).json["data"].array.isEmpty)
                #expect(try await client.order(in: store, sku: "M", key: "k").code == "validation_failed")
                #expect(
                    try await client.request(.delete, "/v1/stores/\(store)", nil, ["If-Match": "*"]).code
                        == "store_not_empty")

                // Whoever does not know of drafts changes one without publishing it.
                let plain = #"{"name":"Big Mug","category":"mugs"}"#
                let renamed = try await client.request(.put, path, plain, ["If-Match": "\"1\""])
                #expect(renamed.status == .ok && renamed.text.contains(#""isPublished":false"#))
                let published = try await client.request(
                    .put, path, #"{"name":"Big Mug","category":"mugs","isPublished":true}"#, ["If-Match": "\"2\""])
                #expect(published.status == .ok)
                #expect(try await client.get(path).json["data"]["name"].string == "Big Mug")
                #expect(try await client.order(in: store, sku: "M", key: "k").status == .created)
                _ = try await client.request(
                    .put, path, #"{"name":"Big Mug","category":"mugs","isPublished":false}"#, ["If-Match": "*"])
                #expect(try await client.get(path).code == "product_not_found")
                #expect(try await client.order(in: store, sku: "M", key: "k2").code == "validation_failed")
                #expect(try await client.request(.delete, path, nil, ["If-Match": "*"]).status == .noContent)
                let whole = "/v1/stores/\(store)"
                #expect(try await client.request(.delete, whole, nil, ["If-Match": "*"]).status == .noContent)
                #expect(try await client.get("\(whole)/categories").code == "store_not_found")
            }
        }

        @Test("attributes come back as they were given, and stay where they are not named")
        func attributes() async throws {
            try await MarketplaceFleet.shared().serve(.off(.readReplicas)) { client in
                let store = try await client.makeStore()
                let products = "/v1/stores/\(store)/products"
                let body = #"""
                    {"name":"Mug","category":"mugs","attributes":{"colour":"blue \"navy\"","litres":0.3,"pieces":6,
                    "dishwasherSafe":true},"skus":[{"sku":"M","priceMinor":1,"attributes":{"size":"M"}}]}
                    """#
                let made = try await client.request(.post, products, body)
                #expect(made.status == .created, "\(made.text)")
                let path = "\(products)/\(made.json["data"]["id"].string ?? "")"
                let plain = #"{"name":"Mug","category":"mugs","skus":[{"sku":"M","priceMinor":2}]}"#
                #expect(try await client.request(.put, path, plain, ["If-Match": "*"]).status == .ok)
                let read = try await client.get(path)
                for text in [#""colour": "blue \"navy\"""#, #""litres": 0.3"#, #""pieces": 6"#, #""size": "M""#] {
                    #expect(read.text.contains(text), "\(text) in \(read.text)")
                }
                let fewer =
                    #"{"name":"Mug","category":"mugs","attributes":{},"#
                    + #""skus":[{"sku":"M","priceMinor":2,"attributes":{}}]}"#
                #expect(try await client.request(.put, path, fewer, ["If-Match": "*"]).status == .ok)
                #expect(try await client.get(path).text.contains(#""attributes":{}"#))
            }
        }

        @Test(
            "what is wrong is pointed at",
            arguments: [
                (#""attributes":{"a/b~c":"\#(String(repeating: "x", count: 257))"}"#, "/attributes/a~1b~0c"),
                (#""attributes":{"a":[]}"#, "/attributes/a"), (#""attributes":{"a":null}"#, "/attributes/a"),
                (#""attributes":[]"#, "/attributes"), (#""attributes":{"a":1e300}"#, "/attributes/a"),
                (#""brandId":"br_1""#, "/brandId"), (#""brandId":7"#, "/brandId"),
                (#""isPublished":"yes""#, "/isPublished"),
                (#""skus":[{"sku":"A","priceMinor":1,"attributes":{"":"x"}}]"#, "/skus/0/attributes/"),
            ])
        func pointers(member: String, pointer: String) async throws {
            try await MarketplaceFleet.shared().serve { client in
                let store = try await client.makeStore()
                let skus = member.contains("skus") ? "" : #","skus":[{"sku":"A","priceMinor":1}]"#
                let body = #"{"name":"Mug","category":"mugs",\#(member)\#(skus)}"#
                let answer = try await client.request(.post, "/v1/stores/\(store)/products", body)
                #expect([400, 422].contains(answer.status.code))
                #expect(answer.json["errors"].array.first?["pointer"].string == pointer, "\(answer.text)")
            }
        }
    }
}

/// A status and where a fault was.
struct TestAnswer: Equatable {
    let status: Int
    let pointer: String?

    init(_ status: Int, _ pointer: String?) {
        self.status = status
        self.pointer = pointer
    }
}
