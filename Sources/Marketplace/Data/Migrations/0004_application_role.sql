-- The role that serves. It neither owns a table nor bypasses row security, and can do nothing that the API does not:
-- rows are marked as deleted, never taken away.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'marketplace_app') THEN
        CREATE ROLE marketplace_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO marketplace_app;
GRANT SELECT, INSERT, UPDATE ON stores, products, skus, users, orders TO marketplace_app;
GRANT SELECT, INSERT ON order_items, idempotency_keys TO marketplace_app;
GRANT EXECUTE ON FUNCTION place_order, cancel_order TO marketplace_app;
REVOKE EXECUTE ON FUNCTION place_order, cancel_order FROM PUBLIC;
