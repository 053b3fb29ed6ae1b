"""Where resources are kept: rows of the database, reached by one SQL query per question."""
