"""A host project whose users are different: email."""
