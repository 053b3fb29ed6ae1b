"""Pages for an organization's own people, outside the admin."""
