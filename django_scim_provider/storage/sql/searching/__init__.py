"""Filters as conditions of queries, and what leads to the rows that they find."""
