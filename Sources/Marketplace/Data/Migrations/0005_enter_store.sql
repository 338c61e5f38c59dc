-- A store is a tenant. Whoever touches rows of one enters it first, in the same transaction and the same round trip:
-- the setting is local to the transaction, so that nothing of it is left for whoever uses the connection next.

-- The store that this transaction has entered; null for none.
CREATE FUNCTION current_store() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    -- Empty, not null, where an earlier transaction of the session had set it.
    SELECT nullif(current_setting('app.store', true), '')::bigint
$$;

CREATE FUNCTION enter_store(store bigint, writes boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.store', store::text, true);
END
$$;

-- A number for a row that the database makes itself, in the form of the servers' own: 41 bits of milliseconds since
-- 1970, then 22 random ones.
CREATE FUNCTION new_number() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint << 22) | floor(random() * 4194304)::bigint
$$;

-- Ends the transaction with a code that the servers know, from inside a statement.
--   MP004 the SKU is another product's
CREATE FUNCTION refuse(_code text, _message text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', _message USING ERRCODE = _code;
END
$$;

GRANT EXECUTE ON FUNCTION current_store, enter_store, new_number, refuse TO marketplace_app;
REVOKE EXECUTE ON FUNCTION current_store, enter_store, new_number, refuse FROM PUBLIC;
