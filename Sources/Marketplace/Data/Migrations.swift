import Postgres

/// The schema's steps, compiled into the program so that the binary alone can migrate.
public enum Migrations {
    /// In order. The build names a resource by its file, the first digit made an underscore. Adding one is adding a
    /// file to `Migrations/` and a line here; an applied one is never changed. Numbers come in blocks of five, so that
    /// the schema, sharding and replication can grow side by side.
    public static let all: [Migration] = [
        migration(1, "stores_and_products", PackageResources._001_stores_and_products_sql),
        migration(2, "customers_and_orders", PackageResources._002_customers_and_orders_sql),
        migration(3, "place_order", PackageResources._003_place_order_sql),
        migration(4, "application_role", PackageResources._004_application_role_sql),
        migration(5, "enter_store", PackageResources._005_enter_store_sql),
        migration(6, "brands_and_categories", PackageResources._006_brands_and_categories_sql),
        migration(7, "product_catalogue", PackageResources._007_product_catalogue_sql),
        migration(8, "orders_of_published_products", PackageResources._008_orders_of_published_products_sql),
        migration(9, "row_security", PackageResources._009_row_security_sql),
        migration(10, "store_moves", PackageResources._010_store_moves_sql),
        migration(15, "replication", PackageResources._015_replication_sql),
    ]

    /// Those of `central`, with numbers of their own, from `CentralMigrations/`.
    public static let central: [Migration] = [
        migration(1, "shard_map", PackageResources._001_shard_map_sql)
    ]

    private static func migration(_ number: Int, _ name: String, _ sql: [UInt8]) -> Migration {
        Migration(number: number, name: name, sql: String(decoding: sql, as: UTF8.self))
    }
}
