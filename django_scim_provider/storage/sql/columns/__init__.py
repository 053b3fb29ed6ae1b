"""Attributes that have a column, or a table, of their own; filters on them use its index."""
