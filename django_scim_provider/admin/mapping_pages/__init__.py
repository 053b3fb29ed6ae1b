"""The form of group mappings: what is chosen, what it changes, what is wrong with it."""
