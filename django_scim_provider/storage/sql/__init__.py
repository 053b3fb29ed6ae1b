"""All that knows a database vendor, and the queries that every store shares."""
