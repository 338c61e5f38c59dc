-- As in 0003, with two changes: what is not published cannot be ordered, as if it were not there. And its statements
-- are planned once for a connection, not for every order: they find single rows by their keys whatever is ordered, and
-- planning them anew took two thirds of an order's time.
CREATE OR REPLACE FUNCTION place_order(
    _store bigint, _order bigint, _customer text, _key text, _hash text, _skus text[], _quantities integer[],
    _is_guarded boolean
) RETURNS TABLE (
    order_id bigint, is_replayed boolean, currency text, total_minor bigint, created_at timestamptz,
    product_id bigint, sku text, quantity integer, unit_price_minor bigint
) LANGUAGE plpgsql
SET lock_timeout = '800ms'
SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_column
DECLARE
    _item record;
    _used idempotency_keys;
    _found integer := 0;
    _total bigint := 0;
    _currency text;
BEGIN
    IF _is_guarded THEN
        INSERT INTO idempotency_keys (store_id, customer_id, key, request_hash, order_id)
            VALUES (_store, _customer, _key, _hash, _order)
            ON CONFLICT (store_id, customer_id, key) DO NOTHING;
        IF NOT FOUND THEN
            SELECT * INTO STRICT _used FROM idempotency_keys AS k
                WHERE k.store_id = _store AND k.customer_id = _customer AND k.key = _key;
            IF _used.request_hash <> _hash THEN
                RAISE EXCEPTION 'the key was used for another request' USING ERRCODE = 'MP003';
            END IF;
            RETURN QUERY
                SELECT o.id, true, o.currency, o.total_minor, o.created_at,
                    s.product_id, i.sku, i.quantity, i.unit_price_minor
                FROM orders AS o
                JOIN order_items AS i ON i.store_id = o.store_id AND i.order_id = o.id
                JOIN skus AS s ON s.store_id = i.store_id AND s.sku = i.sku
                WHERE o.store_id = _store AND o.id = _used.order_id
                ORDER BY i.sku;
            RETURN;
        END IF;
    END IF;

    -- Locked in the order of their names, whatever order they were asked in, so that two orders cannot wait for each
    -- other.
    FOR _item IN
        SELECT s.sku, s.price_minor, s.quantity - s.reserved AS available, p.currency, wanted.quantity
        FROM skus AS s
        JOIN unnest(_skus, _quantities) AS wanted (sku, quantity) ON wanted.sku = s.sku
        JOIN products AS p
            ON p.store_id = s.store_id AND p.id = s.product_id AND p.deleted_at IS NULL AND p.is_published
        WHERE s.store_id = _store
        ORDER BY s.sku
        FOR NO KEY UPDATE OF s
    LOOP
        IF _item.available < _item.quantity THEN
            RAISE EXCEPTION 'not enough stock' USING ERRCODE = 'MP001', DETAIL = _item.sku;
        END IF;
        _found := _found + 1;
        _total := _total + _item.price_minor * _item.quantity;
        _currency := _item.currency;
    END LOOP;
    IF _found < cardinality(_skus) THEN
        RAISE EXCEPTION 'unknown SKU' USING ERRCODE = 'MP002', DETAIL = (
            SELECT min(wanted.sku) FROM unnest(_skus) AS wanted (sku)
            LEFT JOIN skus AS s ON s.store_id = _store AND s.sku = wanted.sku
            LEFT JOIN products AS p
                ON p.store_id = s.store_id AND p.id = s.product_id AND p.deleted_at IS NULL AND p.is_published
            WHERE p.id IS NULL);
    END IF;

    INSERT INTO orders (store_id, id, customer_id, idempotency_key, status, currency, total_minor)
        VALUES (_store, _order, _customer, _key, 'placed', _currency, _total);
    RETURN QUERY
        WITH taken AS (
            UPDATE skus AS s
            SET quantity = s.quantity - wanted.quantity, version = s.version + 1, updated_at = now()
            FROM unnest(_skus, _quantities) AS wanted (sku, quantity)
            WHERE s.store_id = _store AND s.sku = wanted.sku
            RETURNING s.sku, s.product_id, s.price_minor, wanted.quantity AS taken
        ), items AS (
            INSERT INTO order_items (store_id, order_id, sku, quantity, unit_price_minor)
            SELECT _store, _order, t.sku, t.taken, t.price_minor FROM taken AS t
        )
        SELECT _order, false, _currency, _total, now(), t.product_id, t.sku, t.taken, t.price_minor
        FROM taken AS t ORDER BY t.sku;
END
$$;
