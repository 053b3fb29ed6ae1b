"""What the stores do by the ORM alone, for databases that no SQL of the app is written for.

Keys are read first, and rows then by lists of keys; what no column answers is answered in Python.
Nothing here joins, nests queries, reads what a relation leads to, or leaves it to a constraint what
is there already: see docs/explanation/databases.
"""
