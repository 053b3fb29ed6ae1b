"""A host project whose users have a UUID as their key."""
