import Postgres

/// The schema's steps, compiled into the program so that the binary alone can migrate.
public enum Migrations {
    /// In order. The build names a resource by its file, the first digit made an underscore. Adding one is adding a
    /// file to `Migrations/` and a line here; an applied one is never changed.
    public static let all: [Migration] = [
        migration(1, "stores_and_products", PackageResources._001_stores_and_products_sql),
        migration(2, "customers_and_orders", PackageResources._002_customers_and_orders_sql),
        migration(3, "place_order", PackageResources._003_place_order_sql),
        migration(4, "application_role", PackageResources._004_application_role_sql),
    ]

    private static func migration(_ number: Int, _ name: String, _ sql: [UInt8]) -> Migration {
        Migration(number: number, name: name, sql: String(decoding: sql, as: UTF8.self))
    }
}
