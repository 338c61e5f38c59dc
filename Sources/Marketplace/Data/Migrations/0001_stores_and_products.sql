-- Everything of a store lives on one shard, under keys that begin with the store, so that a store can move.

CREATE TABLE stores (
    id bigint PRIMARY KEY CHECK (id > 0),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    UNIQUE (id, currency)
);

CREATE TABLE products (
    store_id bigint NOT NULL,
    id bigint NOT NULL CHECK (id > 0),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    description text NOT NULL DEFAULT '' CHECK (char_length(description) <= 5000),
    category text NOT NULL CHECK (category ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    -- The store's own: with the key below a product can have no other, and a store with products cannot change it.
    currency text NOT NULL,
    version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    words tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', name)) STORED,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, currency) REFERENCES stores (id, currency)
);

-- Newest first, since ids grow with time: of a store, of one of its categories, and those with a word.
CREATE INDEX products_live ON products (store_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX products_of_category ON products (store_id, category, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX products_by_word ON products USING gin (words) WHERE deleted_at IS NULL;

CREATE TABLE skus (
    store_id bigint NOT NULL,
    sku text NOT NULL CHECK (sku ~ '^[A-Za-z0-9._-]{1,64}$'),
    product_id bigint NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor BETWEEN 0 AND 1000000000000),
    quantity integer NOT NULL CHECK (quantity >= 0),
    reserved integer NOT NULL DEFAULT 0 CHECK (reserved BETWEEN 0 AND quantity),
    version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, sku),
    FOREIGN KEY (store_id, product_id) REFERENCES products (store_id, id)
) WITH (fillfactor = 80); -- Room for the next version of a row in its page: stock changes often.

CREATE INDEX skus_of_product ON skus (store_id, product_id);
