"""A host project whose users are named by e-mail address."""
