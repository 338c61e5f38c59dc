-- A store can move to another shard while it is in use. What a shard has to know of that stands here: usually nothing.
--   MP010 the store lives on another shard, named by the detail with the position at which it arrived there; without a
--         detail, the server's map is too old
--   MP011 the store takes no writes for a moment: try again

-- Stores that are leaving, have left or are arriving.
CREATE TABLE store_placements (
    store_id bigint PRIMARY KEY,
    -- arriving: being copied to here, nobody's yet. open: all here, and about to be this shard's. tracked: leaving, its
    -- changes are noted. frozen: the same, and writes wait. moved: it lives there now, and what is left here is
    -- nobody's.
    state text NOT NULL CHECK (state IN ('arriving', 'open', 'tracked', 'frozen', 'moved')),
    -- The other shard: where it comes from or goes to.
    shard text NOT NULL,
    -- Of the move, in central's journal; a mover with another epoch has been replaced.
    move bigint NOT NULL,
    epoch integer NOT NULL,
    -- A mover that dies frozen stops nobody for longer than this.
    frozen_until timestamptz,
    -- Of a store that moved: how far the other shard's log had come when it was all there, as `timeline:position`.
    arrival text,
    -- How far the copy has come, by table: the last key, or true.
    progress jsonb NOT NULL DEFAULT '{}',
    CHECK ((state = 'frozen') = (frozen_until IS NOT NULL))
);

-- Keys of rows that changed while their store was leaving. The mover reads the rows themselves, so that an entry can be
-- taken twice, and in any order.
CREATE TABLE store_changes (
    store_id bigint NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    key jsonb NOT NULL,
    PRIMARY KEY (store_id, number)
);

-- The shard's own copy of the newest map, for servers that start while central is away, and the least version that may
-- still make stores: whoever goes by an older one would make them where nobody looks.
CREATE TABLE shard_map_copy (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version bigint NOT NULL DEFAULT 0,
    map jsonb,
    minimum_version bigint NOT NULL DEFAULT 0
);
INSERT INTO shard_map_copy DEFAULT VALUES;

-- The first statement of every transaction on a store's rows: its tenant for row-level security, and whether the store
-- is here. Writers share a lock on the store until they end; the mover takes it alone to see all of them out.
DROP FUNCTION enter_store(bigint, boolean);
CREATE FUNCTION enter_store(_store bigint, _writes boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _here store_placements;
BEGIN
    PERFORM set_config('app.store', _store::text, true), set_config('app.moving', 'off', true);
    IF _writes THEN
        PERFORM pg_advisory_xact_lock_shared(_store);
    END IF;
    -- A statement of its own, so that it sees what was decided while the lock was awaited.
    SELECT * INTO _here FROM store_placements WHERE store_id = _store;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF _here.state IN ('arriving', 'moved') THEN
        RAISE EXCEPTION 'the store lives on another shard'
            USING ERRCODE = 'MP010', DETAIL = concat_ws(' ', _here.shard, _here.arrival);
    END IF;
    IF NOT _writes OR _here.state = 'open' THEN
        RETURN;
    END IF;
    IF _here.state = 'frozen' AND _here.frozen_until > clock_timestamp() THEN
        RAISE EXCEPTION 'the store is about to move' USING ERRCODE = 'MP011', DETAIL = _here.shard;
    END IF;
    PERFORM set_config('app.moving', 'on', true);
END
$$;

-- Asked when a public read of a store found nothing, which is also what the rows of a store that left look like.
CREATE FUNCTION find_store(_store bigint) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    _here store_placements;
BEGIN
    SELECT * INTO _here FROM store_placements WHERE store_id = _store AND state IN ('arriving', 'moved');
    IF FOUND THEN
        RAISE EXCEPTION 'the store lives on another shard'
            USING ERRCODE = 'MP010', DETAIL = concat_ws(' ', _here.shard, _here.arrival);
    END IF;
END
$$;

-- Whether a server with this version of the map may make a store here.
CREATE FUNCTION admit_new_store(_map_version bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever raises the minimum waits for the stores that are being made, "newstore" in ASCII.
    PERFORM pg_advisory_xact_lock_shared(x'6e657773746f7265'::bigint);
    IF _map_version < (SELECT minimum_version FROM shard_map_copy) THEN
        RAISE EXCEPTION 'the server''s shard map is too old to make a store' USING ERRCODE = 'MP010', DETAIL = '';
    END IF;
END
$$;

-- Notes which row of a leaving store changed. The arguments are the columns of the key.
CREATE FUNCTION track_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    _row jsonb;
    _rows jsonb[] := CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[to_jsonb(NEW)]
        WHEN 'DELETE' THEN ARRAY[to_jsonb(OLD)]
        ELSE ARRAY[to_jsonb(OLD), to_jsonb(NEW)] END;
    _last jsonb;
    _key jsonb;
BEGIN
    FOREACH _row IN ARRAY _rows LOOP
        SELECT jsonb_object_agg(name, _row -> name) INTO _key FROM unnest(TG_ARGV) AS name;
        CONTINUE WHEN _key = _last;
        INSERT INTO store_changes (store_id, name, key)
            VALUES (current_setting('app.store')::bigint, TG_TABLE_NAME, _key);
        _last := _key;
    END LOOP;
    RETURN NULL;
END
$$;

-- The tables that a store's rows stand in, with their keys: those whose key begins with the store.
CREATE VIEW store_tables AS
    SELECT c.relname::text AS name, (array_agg(a.attname::text ORDER BY k.place))[1] AS store_column,
        array_agg(a.attname::text ORDER BY k.place) AS key_columns
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_constraint AS p ON p.conrelid = c.oid AND p.contype = 'p'
    CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE c.relkind = 'r' AND c.relname NOT IN ('store_placements', 'store_changes')
    GROUP BY c.oid, c.relname
    HAVING (array_agg(a.attname::text ORDER BY k.place))[1] = CASE c.relname WHEN 'stores' THEN 'id' ELSE 'store_id' END;

-- Makes every such table ready for moves. A migration that adds one calls it again.
CREATE FUNCTION make_stores_movable() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _table record;
BEGIN
    FOR _table IN SELECT * FROM store_tables LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS tracked ON %I', _table.name);
        EXECUTE format(
            'CREATE TRIGGER tracked AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW '
            'WHEN (current_setting(''app.moving'', true) = ''on'') EXECUTE FUNCTION track_change(%s)',
            _table.name, (SELECT string_agg(quote_literal(c), ', ') FROM unnest(_table.key_columns) AS c));
    END LOOP;
END
$$;
SELECT make_stores_movable();

-- What was left behind, or is not all here yet, is nobody's: public reads do not find it.
DO $$
DECLARE
    _table record;
BEGIN
    FOR _table IN
        SELECT * FROM store_tables WHERE name IN ('stores', 'products', 'skus', 'brands', 'categories')
    LOOP
        EXECUTE format(
            'CREATE POLICY here ON %I AS RESTRICTIVE FOR SELECT USING (NOT EXISTS ('
            'SELECT 1 FROM store_placements AS p WHERE p.store_id = %I.%I AND p.state IN (''arriving'', ''moved'')))',
            _table.name, _table.name, _table.store_column);
    END LOOP;
END
$$;

GRANT SELECT ON store_placements, shard_map_copy TO marketplace_app;
GRANT EXECUTE ON FUNCTION enter_store, find_store, admit_new_store TO marketplace_app;
REVOKE EXECUTE ON FUNCTION enter_store, find_store, admit_new_store, make_stores_movable FROM PUBLIC;
