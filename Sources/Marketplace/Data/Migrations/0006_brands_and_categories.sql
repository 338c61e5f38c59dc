-- Who makes a store's products, and the tree in which they are found. Both are a store's own and move with it.
-- Refusals:
--   MP020 no such brand    MP021 no such parent    MP022 a circle    MP023 too deep    MP024 still in use
--   MP025 a slug stays as it is    MP026 no such store

CREATE TABLE brands (
    store_id bigint NOT NULL REFERENCES stores (id),
    id bigint NOT NULL CHECK (id > 0),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (store_id, id)
);

-- A name is one brand's, however it is capitalised; that of a deleted one is free again.
CREATE UNIQUE INDEX brands_by_name ON brands (store_id, lower(name)) WHERE deleted_at IS NULL;

CREATE TABLE categories (
    store_id bigint NOT NULL REFERENCES stores (id),
    id bigint NOT NULL CHECK (id > 0),
    parent_id bigint CHECK (parent_id <> id),
    -- What products and URLs name it by. It never changes, so that products need not change with it.
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (store_id, id),
    -- For products, whose slug has to be their category's.
    UNIQUE (store_id, id, slug),
    FOREIGN KEY (store_id, parent_id) REFERENCES categories (store_id, id) DEFERRABLE
);

CREATE UNIQUE INDEX categories_by_slug ON categories (store_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX categories_of_parent ON categories (store_id, parent_id, id) WHERE deleted_at IS NULL;

-- A tree has no circles, at most eight levels, and nothing hangs on what is deleted. Checked after the statement, so
-- that many rows may come in any order, and at its commit where `SET CONSTRAINTS ALL DEFERRED` says so.
CREATE FUNCTION check_category_tree() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    _maximum_levels CONSTANT integer := 8;
    _above bigint := NEW.parent_id;
    _levels integer := 1;
    _below integer;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.slug <> OLD.slug THEN
        RAISE EXCEPTION 'the slug of a category stays as it is' USING ERRCODE = 'MP025';
    END IF;
    -- One change of a store's tree at a time: two that are right alone can make a circle together.
    PERFORM 1 FROM stores WHERE id = NEW.store_id FOR NO KEY UPDATE;
    IF NEW.deleted_at IS NOT NULL THEN
        IF EXISTS (SELECT 1 FROM categories AS c
            WHERE c.store_id = NEW.store_id AND c.parent_id = NEW.id AND c.deleted_at IS NULL)
        THEN
            RAISE EXCEPTION 'the category has categories below it' USING ERRCODE = 'MP024';
        END IF;
        RETURN NULL;
    END IF;
    WHILE _above IS NOT NULL LOOP
        IF _above = NEW.id THEN
            RAISE EXCEPTION 'the category would be below itself' USING ERRCODE = 'MP022';
        END IF;
        _levels := _levels + 1;
        EXIT WHEN _levels > _maximum_levels;
        SELECT c.parent_id INTO _above FROM categories AS c
            WHERE c.store_id = NEW.store_id AND c.id = _above AND c.deleted_at IS NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no such parent' USING ERRCODE = 'MP021';
        END IF;
    END LOOP;
    WITH RECURSIVE below AS (
        SELECT NEW.id AS id, 0 AS levels
        UNION ALL
        SELECT c.id, b.levels + 1 FROM below AS b
        JOIN categories AS c ON c.store_id = NEW.store_id AND c.parent_id = b.id AND c.deleted_at IS NULL
        WHERE b.levels < _maximum_levels
    )
    SELECT max(levels) INTO _below FROM below;
    IF _levels + _below > _maximum_levels THEN
        RAISE EXCEPTION 'a tree has at most % levels', _maximum_levels USING ERRCODE = 'MP023';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER category_inserted AFTER INSERT ON categories DEFERRABLE
    FOR EACH ROW EXECUTE FUNCTION check_category_tree();
CREATE CONSTRAINT TRIGGER category_changed AFTER UPDATE OF slug, parent_id, deleted_at ON categories DEFERRABLE
    FOR EACH ROW
    WHEN ((OLD.slug, OLD.parent_id, OLD.deleted_at) IS DISTINCT FROM (NEW.slug, NEW.parent_id, NEW.deleted_at))
    EXECUTE FUNCTION check_category_tree();

GRANT SELECT, INSERT, UPDATE ON brands, categories TO marketplace_app;
