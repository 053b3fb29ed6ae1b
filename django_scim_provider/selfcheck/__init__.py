"""What the project itself wrote for SCIM, tried in a transaction that is never committed.

Its adapter, extensions, resource types and profiles are asked by requests through the project's own
middleware, routes and views (``connections.recordings.rehearsing``), and by calls of the adapter.
Each check is a generator of ``ToldFault``: what is wrong, in a sentence, and where, as a dotted
path of the project's code.
"""
