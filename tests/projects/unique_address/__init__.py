"""A host project in which people log in by name and no two have one address."""
