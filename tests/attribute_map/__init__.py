"""Maps of attributes, as far as no user of a project's own is needed."""
