"""The groups of a connection and their members."""
