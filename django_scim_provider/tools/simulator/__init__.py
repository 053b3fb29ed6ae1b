"""What identity providers send, played against an endpoint, and whether they could live with it.

Nothing here knows the app's own server: requests go out over HTTP as an identity provider's would.
Each provider is a module of steps (``okta``, ``entra``, ``google``, ``onelogin``, ``jumpcloud``),
each step with its source. Only ``wire`` and ``report`` need the extra ``tools``.
"""
