-- What the application has to know of replication to tell which node's data is good enough.

-- The history file of a timeline: where its ancestors ended. NULL when there is none, as for the first.
CREATE FUNCTION timeline_history(_timeline bigint) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT pg_read_file('pg_wal/' || upper(lpad(to_hex(_timeline), 8, '0')) || '.history', 0, 65536, true)
$$;
REVOKE EXECUTE ON FUNCTION timeline_history FROM PUBLIC;
GRANT EXECUTE ON FUNCTION timeline_history TO marketplace_app;

-- The timeline that a replica receives, and whether a replica confirms commits, are kept from ordinary roles.
GRANT pg_read_all_stats TO marketplace_app;
