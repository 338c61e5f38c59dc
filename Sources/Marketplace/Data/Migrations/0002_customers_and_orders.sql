-- People who buy. They live on the shard that their own key names; orders name them without a reference, since a
-- customer and the store may be on different shards.
CREATE TABLE users (
    id text PRIMARY KEY CHECK (char_length(id) BETWEEN 1 AND 64),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    email text NOT NULL UNIQUE CHECK (email ~ '^[^@\s]+@[^@\s]+$'),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orders (
    store_id bigint NOT NULL,
    id bigint NOT NULL CHECK (id > 0),
    customer_id text NOT NULL CHECK (char_length(customer_id) BETWEEN 1 AND 64),
    idempotency_key text NOT NULL CHECK (char_length(idempotency_key) BETWEEN 1 AND 128),
    status text NOT NULL CHECK (status IN ('placed', 'cancelled')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    cancelled_at timestamptz,
    CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    PRIMARY KEY (store_id, id)
);

CREATE INDEX orders_of_customer ON orders (store_id, customer_id, id DESC);
CREATE INDEX orders_by_time ON orders (store_id, created_at);

CREATE TABLE order_items (
    store_id bigint NOT NULL,
    order_id bigint NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
    PRIMARY KEY (store_id, order_id, sku),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id),
    FOREIGN KEY (store_id, sku) REFERENCES skus (store_id, sku)
);

-- One row for each order that a key was used for. It is the only guard against a second order: written first, in the
-- order's own transaction, so that a second submission waits here until the first is decided.
CREATE TABLE idempotency_keys (
    store_id bigint NOT NULL,
    customer_id text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL CHECK (char_length(request_hash) = 64),
    order_id bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, customer_id, key),
    FOREIGN KEY (store_id, order_id) REFERENCES orders (store_id, id) DEFERRABLE INITIALLY DEFERRED
);
