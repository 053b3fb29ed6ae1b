"""A host project with packages that record who changed what."""
