"""Names of attributes, the same on every verb."""
