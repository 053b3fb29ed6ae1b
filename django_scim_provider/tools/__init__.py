"""The doctor and the simulator, two HTTP clients that would work against any SCIM server.

They need the extra ``tools`` and know of the app only its schemas and URNs: what a caller knows
beyond that, such as the row of a token, it hands to them.
"""
