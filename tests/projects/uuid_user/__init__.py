"""A host project whose users are different: uuid."""
