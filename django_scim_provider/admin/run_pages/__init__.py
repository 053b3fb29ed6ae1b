"""The page of checks of a connection, and the runs that people start there."""
