"""What PostgreSQL is asked of tables, indexes, triggers, extensions and its time limit."""

TABLE = "SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = to_regclass(%s)"
INDEXES = """
    SELECT c.relname, n.nspname, pg_get_indexdef(i.indexrelid, 1, true),
        coalesce(pg_get_expr(i.indpred, i.indrelid, true), ''), i.indisvalid AND i.indisready,
        EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid)
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_am AS a ON a.oid = c.relam
    WHERE i.indrelid = to_regclass(%s) AND a.amname IN ('btree', 'hash')
"""
NAMED_INDEXES = """
    SELECT c.relname, t.relname, n.nspname, i.indisvalid AND i.indisready,
        EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid)
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_class AS t ON t.oid = i.indrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE starts_with(c.relname::text, %s) AND pg_table_is_visible(t.oid)
"""

COUNTERS = """
    SELECT COUNT(*) = 4 FROM pg_trigger
    WHERE tgrelid = to_regclass(%s) AND starts_with(tgname::text, 'scim_count_')
        AND tgenabled IN ('O', 'A')
"""

TRIGRAMS = """
    SELECT installed_version IS NOT NULL, has_database_privilege(current_database(), 'CREATE')
    FROM pg_available_extensions WHERE name = 'pg_trgm'
"""
# One statement reads the limit and sets it; no row comes back where the project's own is shorter.
# The interval is PostgreSQL's own reading of "5s" and "1min", in which it shows what has been set.
SET_SHORTER = """
    SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)
    WHERE current_setting('statement_timeout') = '0'
        OR current_setting('statement_timeout')::interval > %s * interval '1 millisecond'
"""
