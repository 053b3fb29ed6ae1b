"""What PostgreSQL's catalogs are asked of tables, indexes, triggers and extensions."""

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

COUNTERS = """
    SELECT COUNT(*) = 4 FROM pg_trigger
    WHERE tgrelid = to_regclass(%s) AND starts_with(tgname::text, 'scim_count_')
        AND tgenabled IN ('O', 'A')
"""

TRIGRAMS = """
    SELECT installed_version IS NOT NULL, has_database_privilege(current_database(), 'CREATE')
    FROM pg_available_extensions WHERE name = 'pg_trgm'
"""
