"""The portable way: what MongoDB and SQL Server run, and what the strict mode forbids for them."""
