"""Suites of stores and of the protocol once more, where no id is the key of its row.

Whatever takes an id for a key, or a key for an id, fails here.
"""
