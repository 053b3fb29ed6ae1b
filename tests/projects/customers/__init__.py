"""A project for many customers, which puts something of its own in every seam."""
