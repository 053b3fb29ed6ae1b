"""A project that serves SCIM for its users: the smallest one that is complete."""
