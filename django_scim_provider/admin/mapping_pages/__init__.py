"""The form of role mappings: what is chosen, what it changes, what is wrong with it."""
