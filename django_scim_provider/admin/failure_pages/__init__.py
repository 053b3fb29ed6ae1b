"""The page of failures of a connection, and what can be done there."""
