"""The page of what was recorded of a connection."""
