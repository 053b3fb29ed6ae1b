"""All that depends on the database vendor, and the queries that every store shares."""
