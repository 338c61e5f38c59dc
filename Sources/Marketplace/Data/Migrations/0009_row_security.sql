-- phase: contract
-- From here on a statement that has not entered a store sees what everybody may see and changes nothing. Servers older
-- than this schema enter no store: this step waits until the last of them has gone (see docs/ARCHITECTURE.md).

-- What everybody may see: stores that are there, their brands and categories, published products and what is priced.
CREATE POLICY tenant ON stores USING (id = current_store());
CREATE POLICY everybody ON stores FOR SELECT USING (deleted_at IS NULL);
CREATE POLICY tenant ON brands USING (store_id = current_store());
CREATE POLICY everybody ON brands FOR SELECT USING (deleted_at IS NULL);
CREATE POLICY tenant ON categories USING (store_id = current_store());
CREATE POLICY everybody ON categories FOR SELECT USING (deleted_at IS NULL);
CREATE POLICY tenant ON products USING (store_id = current_store());
CREATE POLICY everybody ON products FOR SELECT USING (deleted_at IS NULL AND is_published);
CREATE POLICY tenant ON skus USING (store_id = current_store());
-- As visible as their product, whose own policies are asked.
CREATE POLICY everybody ON skus FOR SELECT
    USING (EXISTS (SELECT 1 FROM products AS p WHERE p.store_id = skus.store_id AND p.id = skus.product_id));

-- What only the store may see.
CREATE POLICY tenant ON orders USING (store_id = current_store());
CREATE POLICY tenant ON order_items USING (store_id = current_store());
CREATE POLICY tenant ON idempotency_keys USING (store_id = current_store());
-- What only the person may see.
CREATE POLICY self ON users USING (id = current_setting('app.user', true));

ALTER TABLE stores ENABLE ROW LEVEL SECURITY;
ALTER TABLE brands ENABLE ROW LEVEL SECURITY;
ALTER TABLE categories ENABLE ROW LEVEL SECURITY;
ALTER TABLE products ENABLE ROW LEVEL SECURITY;
ALTER TABLE skus ENABLE ROW LEVEL SECURITY;
-- Forced on what is private: a server that was given the owner's login by mistake is bound as well. Whoever seeds or
-- moves stores needs BYPASSRLS, which shows at once when it is missing.
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE order_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- A condition that could tell its caller about rows it must not see is asked after the policies, and no index serves it.
-- Matching words tells nothing but yes or no; saying so takes a superuser, and without it a search filters a store's
-- products one by one.
DO $$
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF;
    ELSE
        RAISE WARNING 'search uses no index: have a superuser run '
            'ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF';
    END IF;
END
$$;

-- Readers ask for published products, which has an index of its own; nobody asks for what this one was made for.
DROP INDEX products_live;
