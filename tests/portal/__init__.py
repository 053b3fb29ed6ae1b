"""The pages for an organization's own people."""
