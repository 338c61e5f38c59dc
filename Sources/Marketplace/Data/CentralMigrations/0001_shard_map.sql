-- Which shard holds which stores: every version there ever was, the newest in force. Servers read it; only the owner
-- adds to it, one version at a time.
CREATE TABLE shard_map (
    version bigint PRIMARY KEY CHECK (version > 0),
    map jsonb NOT NULL CHECK ((map ->> 'version')::bigint = version),
    -- Who wanted it: the first map, a shard added, a store moved.
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION keep_shard_map() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'versions of the shard map stay as they are: add the next one' USING ERRCODE = 'MP012';
    END IF;
    -- Two that add at once: the second waits here and is refused, since its map knows nothing of the first's.
    -- No lock of the table: the INSERT holds a weaker one already, and two that wait for a stronger one deadlock.
    PERFORM pg_advisory_xact_lock('shard_map'::regclass::bigint);
    IF NEW.version <> (SELECT coalesce(max(version), 0) + 1 FROM shard_map) THEN
        RAISE EXCEPTION 'version % does not follow the newest', NEW.version USING ERRCODE = 'MP012';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE ON shard_map
    FOR EACH ROW EXECUTE FUNCTION keep_shard_map();

-- Moves of stores: one row each, and a line for every step that was taken.
CREATE TABLE store_moves (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id bigint NOT NULL,
    source text NOT NULL,
    target text NOT NULL CHECK (target <> source),
    step text NOT NULL DEFAULT 'planned' CHECK (step IN (
        'planned', 'tracked', 'prepared', 'copied', 'verified', 'moved', 'published', 'done', 'aborting', 'aborted')),
    -- Grows whenever somebody takes the move up again; whoever had it before is refused from then on.
    epoch integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- A store is on its way to one place at a time.
CREATE UNIQUE INDEX open_moves ON store_moves (store_id) WHERE step NOT IN ('done', 'aborted');

CREATE TABLE store_move_steps (
    move_id bigint NOT NULL REFERENCES store_moves (id),
    number bigint GENERATED ALWAYS AS IDENTITY,
    step text NOT NULL,
    epoch integer NOT NULL,
    detail text NOT NULL DEFAULT '',
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (move_id, number)
);

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'marketplace_app') THEN
        CREATE ROLE marketplace_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO marketplace_app;
GRANT SELECT ON shard_map TO marketplace_app;
