"""The management API: what signed-in people do with connections, tokens and events."""
