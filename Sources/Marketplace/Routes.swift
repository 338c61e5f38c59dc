import Hummingbird

/// Every endpoint.
struct Routes: Sendable {
    let stores: StoreRoutes
    let search: SearchRoutes
    let products: ProductRoutes
    let brands: BrandRoutes
    let categories: CategoryRoutes
    let inventory: InventoryRoutes
    let orders: OrderRoutes
    let health: HealthRoutes

    func add(to router: Router<MarketplaceContext>) {
        router.get("/health/live", use: health.live)
        router.get("/health/ready", use: health.ready)
        router.get("/metrics", use: health.metrics)
        // The reference documents' names for the same.
        for prefix in ["", "/api"] {
            router.get("\(prefix)/health/liveness", use: health.live)
            router.get("\(prefix)/health/readiness", use: health.ready)
        }
        router.get("/api/metrics", use: health.metrics)

        router.get("/v1/stores", use: stores.list)
        router.post("/v1/stores", use: stores.create)
        router.get("/v1/stores/{store}", use: stores.get)
        router.put("/v1/stores/{store}", use: stores.update)
        router.delete("/v1/stores/{store}", use: stores.delete)

        router.get("/v1/search", use: search.search)

        router.get("/v1/stores/{store}/products", use: products.list)
        router.post("/v1/stores/{store}/products", use: products.create)
        router.get("/v1/stores/{store}/products/{product}", use: products.get)
        router.put("/v1/stores/{store}/products/{product}", use: products.update)
        router.delete("/v1/stores/{store}/products/{product}", use: products.delete)

        router.get("/v1/stores/{store}/brands", use: brands.list)
        router.post("/v1/stores/{store}/brands", use: brands.create)
        router.get("/v1/stores/{store}/brands/{brand}", use: brands.get)
        router.put("/v1/stores/{store}/brands/{brand}", use: brands.update)
        router.delete("/v1/stores/{store}/brands/{brand}", use: brands.delete)

        router.get("/v1/stores/{store}/categories", use: categories.list)
        router.post("/v1/stores/{store}/categories", use: categories.create)
        router.get("/v1/stores/{store}/categories/{category}", use: categories.get)
        router.put("/v1/stores/{store}/categories/{category}", use: categories.update)
        router.delete("/v1/stores/{store}/categories/{category}", use: categories.delete)

        router.get("/v1/stores/{store}/inventory/{sku}", use: inventory.get)

        router.get("/v1/stores/{store}/orders", use: orders.list)
        router.post("/v1/stores/{store}/orders", use: orders.create)
        router.get("/v1/stores/{store}/orders/{order}", use: orders.get)
        router.post("/v1/stores/{store}/orders/{order}/cancel", use: orders.cancel)
    }
}
