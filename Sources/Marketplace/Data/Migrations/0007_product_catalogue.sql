-- Products get a brand, a place in the tree, drafts and attributes. Everything new has a default or is filled here, so
-- that a server that knows nothing of it goes on working: a slug that no category has becomes a category of its own.

ALTER TABLE products
    ADD COLUMN brand_id bigint,
    ADD COLUMN category_id bigint,
    ADD COLUMN is_published boolean NOT NULL DEFAULT true,
    ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(attributes) = 'object' AND octet_length(attributes::text) <= 16384);

ALTER TABLE skus
    ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(attributes) = 'object' AND octet_length(attributes::text) <= 16384);

INSERT INTO categories (store_id, id, slug, name)
    SELECT p.store_id, new_number(), p.category, initcap(replace(p.category, '-', ' '))
    FROM (SELECT DISTINCT store_id, category FROM products WHERE deleted_at IS NULL) AS p;
UPDATE products AS p SET category_id = c.id FROM categories AS c
    WHERE c.store_id = p.store_id AND c.slug = p.category AND p.deleted_at IS NULL;

ALTER TABLE products
    ADD FOREIGN KEY (store_id, brand_id) REFERENCES brands (store_id, id),
    ADD FOREIGN KEY (store_id, category_id, category) REFERENCES categories (store_id, id, slug),
    ADD CHECK (category_id IS NOT NULL OR deleted_at IS NOT NULL);

-- Puts a live product where its slug says, and sees that its store and brand are there. The shared locks keep all of
-- them from being deleted before this transaction has ended.
CREATE FUNCTION place_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.deleted_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM 1 FROM stores AS s WHERE s.id = NEW.store_id AND s.deleted_at IS NULL FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no such store' USING ERRCODE = 'MP026';
        END IF;
    END IF;
    IF NEW.brand_id IS NOT NULL THEN
        PERFORM 1 FROM brands AS b
            WHERE b.store_id = NEW.store_id AND b.id = NEW.brand_id AND b.deleted_at IS NULL FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no such brand' USING ERRCODE = 'MP020';
        END IF;
    END IF;
    FOR _attempt IN 1..3 LOOP
        SELECT c.id INTO NEW.category_id FROM categories AS c
            WHERE c.store_id = NEW.store_id AND c.slug = NEW.category AND c.deleted_at IS NULL FOR SHARE;
        EXIT WHEN FOUND;
        INSERT INTO categories (store_id, id, slug, name)
            VALUES (NEW.store_id, new_number(), NEW.category, initcap(replace(NEW.category, '-', ' ')))
            ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN NEW;
END
$$;

CREATE TRIGGER product_inserted BEFORE INSERT ON products
    FOR EACH ROW EXECUTE FUNCTION place_product();
CREATE TRIGGER product_changed BEFORE UPDATE OF category, category_id, brand_id, deleted_at ON products
    FOR EACH ROW
    WHEN ((OLD.category, OLD.category_id, OLD.brand_id, OLD.deleted_at)
        IS DISTINCT FROM (NEW.category, NEW.category_id, NEW.brand_id, NEW.deleted_at))
    EXECUTE FUNCTION place_product();

-- Brands and categories that live products have stay.
CREATE FUNCTION keep_what_is_used() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    _is_used boolean;
BEGIN
    IF TG_TABLE_NAME = 'brands' THEN
        _is_used := EXISTS (SELECT 1 FROM products AS p
            WHERE p.store_id = NEW.store_id AND p.brand_id = NEW.id AND p.deleted_at IS NULL);
    ELSE
        _is_used := EXISTS (SELECT 1 FROM products AS p
            WHERE p.store_id = NEW.store_id AND p.category = NEW.slug AND p.deleted_at IS NULL);
    END IF;
    IF _is_used THEN
        RAISE EXCEPTION 'products have it' USING ERRCODE = 'MP024';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER brand_deleted BEFORE UPDATE OF deleted_at ON brands
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION keep_what_is_used();
CREATE TRIGGER category_deleted BEFORE UPDATE OF deleted_at ON categories
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION keep_what_is_used();

-- A store goes when its products have gone, and takes its brands and categories along.
CREATE FUNCTION empty_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Sees out those who are adding products: they hold its key.
    PERFORM 1 FROM stores AS s WHERE s.id = NEW.id FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT p.category FROM products AS p WHERE p.store_id = NEW.id AND p.deleted_at IS NULL
            ORDER BY p.category LIMIT 1
        ) AS one)
    THEN
        RAISE EXCEPTION 'the store has products' USING ERRCODE = 'MP024';
    END IF;
    UPDATE brands AS b SET deleted_at = now(), version = b.version + 1, updated_at = now()
        WHERE b.store_id = NEW.id AND b.deleted_at IS NULL;
    UPDATE categories AS c SET deleted_at = now(), version = c.version + 1, updated_at = now()
        WHERE c.store_id = NEW.id AND c.deleted_at IS NULL;
    RETURN NEW;
END
$$;

CREATE TRIGGER store_deleted BEFORE UPDATE OF deleted_at ON stores
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION empty_store();

-- What readers ask for: the published ones of a store, and those of one brand, newest first.
CREATE INDEX products_published ON products (store_id, id DESC) WHERE deleted_at IS NULL AND is_published;
CREATE INDEX products_of_brand ON products (store_id, brand_id, id DESC) WHERE deleted_at IS NULL;
